/* HTML to text as a person reads it: blocks to lines, tables row by row with tabs between
 * cells, <blockquote> (not the borderless one that is an indent) as "> " and ">> " lines as
 * plain text has them, <hr> as Outlook's line of underscores, hidden text left out, links'
 * text kept. libxml2 does the parsing. */
#pragma once

#include <glib.h>

typedef struct {
	char *text;       /* UTF-8, LF ends */
	GPtrArray *links; /* of char *: Content-IDs of inline images (cid:) */
	gboolean cut;     /* max_text was not enough */
} HtmlText;

/* Render at most max_text bytes of html, which is valid UTF-8. Never fails: broken HTML is read
 * as far as it goes. */
HtmlText *html_to_text(const char *html, gsize length, gsize max_text);

/* The source with bare addresses escaped ("<a@example.it>" is no tag), and without the images that
 * are written into their tags. */
GString *html_prepare(const char *html, gsize length);

/* The most bytes that are no space which html_to_text() may make of a page in UTF-8 or a
 * charset of one byte per character; G_MAXSIZE when only reading it tells. */
gsize html_ink_max(const char *html, gsize length);
void html_text_free(HtmlText *html_text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlText, html_text_free)
