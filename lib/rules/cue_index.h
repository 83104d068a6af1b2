/*
 * The cues' patterns together, and which of them may match a text.
 *
 * A cue is found where its patterns, joined to one alternation in the order they were added,
 * would be found; but only those are tried whose literals stand in the text, and a text is
 * read once for all cues.
 */
#pragma once

#include <glib.h>

#include "rules/pattern.h"

typedef struct CueIndex CueIndex;

CueIndex *cue_index_new(guint cues);
void cue_index_free(CueIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CueIndex, cue_index_free)

/* Add a pattern of a cue: all of cue 0 first, then those of cue 1 and so on. Borrows it. */
void cue_index_add(CueIndex *index, guint cue, Pattern *pattern);

/* When every pattern is added. */
void cue_index_finish(CueIndex *index);

/* The first match of the cue at or after *start. */
gboolean cue_index_find(CueIndex *index, guint cue, const char *text, gsize length,
        gsize *start, gsize *end);

/* Whether one of these patterns of the cue matches an example, as wanted. Should the filter keep
 * one from being tried that does match, it is always tried from then on. */
gboolean cue_index_check(CueIndex *index, guint cue, const GPtrArray *patterns,
        const char *text, gsize length, gboolean wanted);
