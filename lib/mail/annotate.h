/*
 * Annotations: a mail's bytes with fields of ours in front, for systems that read a copy.
 *
 * Surprising rule: the header is written anew line by line, each ending in CRLF, so that no
 * reader sees fields in it that this one did not see: some end lines at a lone CR, some at a
 * lone LF. The body is not touched.
 */
#pragma once

#include <glib.h>

/* Fields to put in front, in order. */
typedef struct {
	GPtrArray *lines; /* of char *: "Name: value", encoded and folded, CRLF ends */
} Annotation;

Annotation *annotation_new(void);
void annotation_free(Annotation *annotation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Annotation, annotation_free)

/* Add a field; value is UTF-8 of any kind, made one line and encoded (RFC 2047). NULL or blank:
 * no field. */
void annotation_add(Annotation *annotation, const char *name, const char *value);

/* The annotated mail. Its own fields whose names begin with one of the prefixes (any case,
 * NULL-terminated), or are those of the annotation, are left out: a customer may have forged
 * them. */
GBytes *annotate(
        GBytes *mail, const Annotation *annotation, const char *const *prefixes);
