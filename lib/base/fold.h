/*
 * A folded text under construction: what text.c's functions share.
 *
 * Every line of a mail is folded, several times: so bytes go into plain arrays, and what is
 * ASCII takes no detour.
 */
#pragma once

#include <glib.h>

typedef struct {
	char *text;
	guint32 *offsets; /* or NULL: nobody asks for the way back */
	gsize length, room;
	gsize start; /* of this text; others may stand before it */
} Fold;

/* With room for a source of so many bytes. */
Fold fold_new(gsize length, gboolean with_offsets);

/* Append what source folds to; without a space at its end. */
void fold_source(Fold *fold, const char *source, gsize length);

/* Append folded bytes, with where each comes from. */
void fold_put_run(Fold *fold, const char *bytes, gsize length, const guint32 *offsets);

/* Append a string, all of it from one place. */
void fold_put_string(Fold *fold, const char *string, guint32 offset);

/* Soft hyphens, zero-width and bidi controls, tags: nobody sees them, programs obey them. */
gboolean fold_is_invisible(gunichar c);

/* End the text; size is the source's. */
void fold_end(Fold *fold, gsize size);
