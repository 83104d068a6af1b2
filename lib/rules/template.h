/*
 * Reply templates: plain UTF-8 text with places for values.
 *
 *     Gentile cliente,
 *     {{#found}}
 *     Abbiamo trovato nel suo messaggio:
 *     {{#found_items}}
 *     - {{#is_sender}}mittente{{/is_sender}}: {{value}}
 *     {{/found_items}}
 *     {{/found}}
 *
 * A small subset of Mustache: {{name}}, {{#name}}..{{/name}} (present or list),
 * {{^name}}..{{/name}} (absent), {{!comment}}, {{>found}} (partials/found.LANG.txt of the
 * last directory that has it, LANG from this file's name). Inside a list an outer value is
 * still visible. A line that holds nothing but sections, comments and partials leaves no
 * line behind. Values are never parsed again, so a customer's text cannot break out of its
 * place: it is made one line and cut (rules/values.h).
 */
#pragma once

#include <glib.h>

#include "rules/values.h"

typedef struct Template Template;

/* The names a template may use; an unknown one is an error that names the nearest. */
extern const char *const template_names[];

/* The partials of directories (NULL-terminated, may be NULL; borrowed), each read once for all the
 * templates of one load. */
typedef struct Partials Partials;

Partials *partials_new(const char *const *directories);
void partials_free(Partials *partials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Partials, partials_free)

/* Read and check a template: known names only, sections closed. ERROR_CONFIG FILE:LINE, every
 * problem. */
Template *template_load_with(const char *file, Partials *partials, GError **error);

/* The same for one template alone. */
Template *template_load(
        const char *file, const char *const *directories, GError **error);

/* The same for a template that is no reply: with names of its own, NULL-terminated. */
Template *template_load_named(const char *file, const char *const *directories,
        const char *const *names, GError **error);
void template_free(Template *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)

/* Call visit for every stretch of text that holds no value, sections taken as present. */
typedef void (*TemplateTextVisitor)(const char *text, gpointer data);
void template_each_text(
        const Template *template, TemplateTextVisitor visit, gpointer data);

/* Fill in HTML or XML: each value escaped, all else as it stands in the file. */
char *template_fill_markup(const Template *template, const Values *values);

/* Fill in a text. Runs of more than one empty line become one; ends with one line end. */
char *template_fill(const Template *template, const Values *values);
