/*
 * Labels: what an agent's mail program shows for a tag, its title and colour.
 *
 * From DIR/labels/NAME.conf of the catalogue's directories, later ones winning:
 *
 *     labels = ( { tag = "triage-held"; title = "..."; color = "#C62828"; }, ... );
 *
 * Their order is the tags' order: of several tags on one mail the first gives the colour.
 */
#pragma once

#include <glib.h>

#include "rules/problems.h"

typedef struct {
	char *tag;
	char *title; /* one line */
	char *color; /* "#C62828" */
} Label;

#define LABEL_COLOR_NONE "#616161"

/* title and color may be NULL: the tag itself, and LABEL_COLOR_NONE. */
Label *label_new(const char *tag, const char *title, const char *color);
void label_free(Label *label);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Label, label_free)

/* Read every directory's labels. Of Label, in order, one for a tag. */
GPtrArray *labels_read(const char *const *directories, Problems *problems);

/* The label of a tag, or NULL; keywords are alike in any case (RFC 9051 9). */
Label *labels_find(const GPtrArray *labels, const char *tag);
