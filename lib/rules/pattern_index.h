/*
 * Many patterns, in groups, and which of them may match a text.
 *
 * A group (a signature's pattern, or all those of a cue) is found where its patterns, joined to
 * one alternation in the order they were added, would be found. But only those alternatives are
 * tried, and compiled at all, whose literals stand in the text; and a text is read once for all
 * groups.
 */
#pragma once

#include <glib.h>

#include "rules/pattern.h"

typedef struct PatternIndex PatternIndex;

PatternIndex *pattern_index_new(void);
void pattern_index_free(PatternIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PatternIndex, pattern_index_free)

/* Add a pattern to a group: all of group 0 first, then those of group 1 and so on. Borrows it.
 * NULL: the group has no pattern, and is a candidate for every text. */
void pattern_index_add(PatternIndex *index, guint group, Pattern *pattern);

/* When every pattern is added. */
void pattern_index_finish(PatternIndex *index);

/* The first group at or after *group that may match the text, into group. */
gboolean pattern_index_next(
        PatternIndex *index, const char *text, gsize length, guint *group);

/* Whether the group may match the text at all. */
gboolean pattern_index_may(
        PatternIndex *index, guint group, const char *text, gsize length);

/* The first match of the group at or after *start. */
gboolean pattern_index_find(PatternIndex *index, guint group, const char *text,
        gsize length, gsize *start, gsize *end);

/* How often an alternative was held against a text so far. */
guint64 pattern_index_tried(const PatternIndex *index);

/* Try all of a group on every text. */
void pattern_index_always(PatternIndex *index, guint group);

/* Whether one of these patterns of the group matches an example, as wanted. Should the filter
 * keep one from being tried that does match, it is always tried from then on. */
gboolean pattern_index_check(PatternIndex *index, guint group,
        const GPtrArray *patterns, const char *text, gsize length, gboolean wanted);
