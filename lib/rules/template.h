/*
 * Reply templates: plain UTF-8 text with places for values.
 *
 *     Gentile cliente,
 *     {{#found}}Abbiamo trovato nel suo messaggio:
 *     {{#items}}- {{label}}: {{value}}
 *     {{/items}}{{/found}}
 *
 * A small subset of Mustache: {{name}}, {{#name}}..{{/name}} (present or list),
 * {{^name}}..{{/name}} (absent), {{!comment}}, {{>found}} (partials/found.LANG.txt of the last directory that has it, LANG from
 * this file's name). Inside a list an outer value is still visible.
 * Values are never parsed again, so a customer's text cannot break out of its place: it is
 * made one line and cut.
 */
#pragma once

#include <glib.h>

typedef struct Template Template;

/* The values a template may name: text, a flag, or a list of further values. */
typedef struct Values Values;
Values *values_new(void);
void values_free(Values *values);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Values, values_free)
void values_set(Values *values, const char *name, const char *text); /* NULL: absent */
void values_set_flag(Values *values, const char *name, gboolean flag);
Values *values_append(Values *values, const char *list); /* a new element; borrowed */

/* The names a template may use; an unknown one is an error that names the nearest. */
extern const char *const template_names[];

/* Read and check a template: known names only, sections closed. directories (NULL-terminated,
 * may be NULL) is where partials are looked for. ERROR_CONFIG FILE:LINE. */
Template *template_load(const char *file, const char *const *directories, GError **error);
void template_free(Template *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)

/* Fill in. Runs of more than one empty line become one; ends with one line end. */
char *template_fill(const Template *template, const Values *values);
