/* HTML to text as a person reads it: blocks to lines, tables row by row with tabs between
 * cells, <blockquote> and Gmail/Outlook quote containers as "> " lines, hidden text left
 * out, links' text kept. libxml2 does the parsing. */
#pragma once

#include <glib.h>

typedef struct {
	char *text;       /* UTF-8, LF ends */
	GPtrArray *links; /* of char *: Content-IDs of inline images (cid:) */
} HtmlText;

/* Render at most max_text bytes. Never fails: broken HTML is read as far as it goes. */
HtmlText *html_to_text(const char *html, gsize length, gsize max_text);
void html_text_free(HtmlText *html_text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlText, html_text_free)
