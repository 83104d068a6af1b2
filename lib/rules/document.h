/*
 * A libconfig file as the rules read it: every mistake becomes a Problem with its place.
 *
 * A getter for something that is absent says so by its result; one for something of the
 * wrong type notes the problem and answers as if it were absent.
 */
#pragma once

#include <glib.h>
#include <libconfig.h>

#include "rules/problems.h"

typedef struct Document Document;

/* Read a file, with @include relative to its directory. NULL when it cannot be read or
 * parsed: noted in problems. problems must outlive the document. */
Document *document_read(const char *file, Problems *problems);
void document_free(Document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Document, document_free)

const config_setting_t *document_root(const Document *document);

/* The .conf files of a directory, sorted by name; NULL when the directory cannot be read: noted in
 * problems when it is required. */
GPtrArray *document_list(const char *directory, gboolean required, Problems *problems);

/* Where a setting stands; an included file's own name and line. */
const char *setting_file(const config_setting_t *setting);
int setting_line(const config_setting_t *setting);
void setting_problem(const config_setting_t *setting, Problems *problems,
        const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Note every member of group whose name is not known, with the nearest one that is. */
void setting_check_names(
        const config_setting_t *group, const char *const *known, Problems *problems);

/* A text of its own; NULL when absent. */
char *setting_text(const config_setting_t *group, const char *name, Problems *problems);

/* The index in choices (NULL-terminated); absent when it is not there or none of them. */
int setting_choice(const config_setting_t *group, const char *name,
        const char *const *choices, int absent, Problems *problems);

/* An array or list of texts, or one text alone; empty when absent. Of char *,
 * with a NULL behind the last. */
GPtrArray *setting_texts(
        const config_setting_t *group, const char *name, Problems *problems);

double setting_fraction(const config_setting_t *group, const char *name, double absent,
        Problems *problems);

/* A member that must be a group, or a list of groups; NULL when absent. */
const config_setting_t *setting_group(
        const config_setting_t *group, const char *name, Problems *problems);
const config_setting_t *setting_groups(
        const config_setting_t *group, const char *name, Problems *problems);

/* The n-th member or element. */
const config_setting_t *setting_nth(const config_setting_t *setting, guint n);
guint setting_length(const config_setting_t *setting);
const config_setting_t *setting_member(const config_setting_t *group, const char *name);

/* A text of small letters, digits and '-', as ids are; "?" after noting that it is not. */
char *setting_identifier(
        const config_setting_t *group, const char *name, Problems *problems);

/* The index of name in names (NULL-terminated), or -1. */
int names_index(const char *const *names, const char *name);

/* Note that a setting holds an unknown name of that kind, and the nearest known one. */
void names_problem(const config_setting_t *setting, const char *kind, const char *name,
        const char *const *names, Problems *problems);
