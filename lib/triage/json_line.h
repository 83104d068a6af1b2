/*
 * JSON on one line, of a tree or piece by piece.
 *
 * Written as json_dumps() writes it: UTF-8, a space behind each comma and colon, no newline at the
 * end. The pieces are for what every mail is told in: building a tree of it first takes ten times
 * the work.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* A tree on one line. Free with g_free(). */
char *json_line(const json_t *json);

/* Append a tree. */
void line_put(GString *line, const json_t *json);

/* Begin a member of the object, or an element of the array, that is being written: with a comma
 * where it is not the first. Braces and brackets are the caller's. name is plain ASCII. */
void line_put_name(GString *line, const char *name);
void line_put_comma(GString *line);

/* A string, of which what is no UTF-8 is replaced; NULL: null. */
void line_put_text(GString *line, const char *text);

void line_put_number(GString *line, gint64 number);

/* A number with two decimals, those at its end that are 0 left out but for one: 0.97, 0.9, 1.0. */
void line_put_hundredths(GString *line, double number);
