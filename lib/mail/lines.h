/* A text cut into lines: each one verbatim (without its end) and folded for matching. */
#pragma once

#include <glib.h>

#define LINES_MAX 20000 /* lines of one text that are looked at */
#define LINE_BYTES_MAX                                                                 \
	4000 /* bytes of one line that are folded; the rest stays verbatim */

typedef struct {
	const char *text;   /* verbatim, trailing space cut, NBSP at its edges cut */
	const char *folded; /* as text_fold() makes it */
	guint folded_length;
	guint indent; /* columns of white space at its head; a tab counts to the next 8 */
	guint number; /* in the source, from 1 */
	guint16 *layout; /* what report_layout.c found in it; 0: not looked yet; or NULL */
} Line;

typedef struct Lines {
	Line *at;
	guint count;
	char *texts, *foldeds; /* what the lines point into; NULL: they are borrowed */
	guint16 *layouts;
} Lines;

/* Never fails; what stands behind LINES_MAX lines is left out. */
Lines *lines_split(const char *text);
void lines_free(Lines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lines, lines_free)

/* Room for count lines that are borrowed from others, which live longer. */
Lines *lines_borrow(guint count);

/* What of a line stands behind its first so many bytes, as a line; *folded becomes what it
 * points to: free it. */
Line line_behind(const Line *line, gsize skipped, char **folded);

/* Whether nothing but space stands in the line. */
gboolean line_is_blank(const Line *line);

/* The line's text behind its leading space. Borrowed. */
const char *line_words(const Line *line);

/* The folded text behind decoration ("-----", "|---", "***", "==", "> ", quotes). Borrowed. */
const char *line_core(const Line *line);

/* Whether core begins with phrase and the phrase ends at the end of a word. */
gboolean core_begins(const char *core, const char *phrase);
