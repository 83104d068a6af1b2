/*
 * Patterns: PCRE2 with JIT, and with limits that no mail can exceed.
 *
 * Subjects are folded text (base/text.h). A match that hits a limit is no match, and says so
 * once through pattern_limit_hits().
 */
#pragma once

#include <glib.h>

typedef struct Pattern Pattern;

/* Compile expression, caseless. ERROR_CONFIG at file:line with PCRE2's message and offset. */
Pattern *pattern_compile(
        const char *expression, const char *file, int line, GError **error);

/* The same for a part of an expression that is known to be good: compiled when it is asked for. */
Pattern *pattern_defer(const char *expression, gsize length);
void pattern_free(Pattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pattern, pattern_free)

const char *pattern_source(const Pattern *pattern);

/* Find the first match at or after *start; its bounds in start and end (bytes). */
gboolean pattern_find(
        Pattern *pattern, const char *subject, gsize length, gsize *start, gsize *end);

/* The same where it is known that a match begins no earlier than *start and no later than last. */
gboolean pattern_find_within(Pattern *pattern, const char *subject, gsize length,
        gsize last, gsize *start, gsize *end);

/* The same answer, cheaper for a pattern that is asked once, dearer for any other: for the
 * examples of a catalogue. */
gboolean pattern_find_once(
        Pattern *pattern, const char *subject, gsize length, gsize *start, gsize *end);
gboolean pattern_find_once_within(Pattern *pattern, const char *subject, gsize length,
        gsize last, gsize *start, gsize *end);
typedef gboolean (*PatternFinder)(
        Pattern *pattern, const char *subject, gsize length, gsize *start, gsize *end);

/* The text of a named group of the last pattern_find() style match: find and copy. NULL when
 * no match or the group did not take part. */
char *pattern_capture(
        Pattern *pattern, const char *subject, gsize length, const char *group);

/* How often a match was given up for its limits, in this process. */
guint64 pattern_limit_hits(void);
