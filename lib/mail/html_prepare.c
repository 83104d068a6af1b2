/* A page's source on its way to the parser. */
#include <string.h>

#include "mail/html.h"

/* No word is so long: an image written into its tag. */
#define MAX_DATA_RUN 512

/* Whether '<' begins an address or message id that nobody escaped: "<a@example.it>". */
static gboolean
is_bare_address(const char *open, const char *end)
{
	gboolean at = FALSE;
	for (const char *c = open + 1; c < end && c - open < 320; c++) {
		if (*c == '>')
			return at;
		if (*c == '@')
			at = TRUE;
		if (g_ascii_isspace(*c) || strchr("<\"'=", *c) != NULL)
			return FALSE;
	}
	return FALSE;
}

static gboolean
is_data(char c)
{
	return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
}

/* Append a text without the runs of data in it that are too long for any word. */
static void
append_without_data(GString *out, const char *text, const char *end)
{
	const char *kept = text; /* not copied yet */
	/* as between nearly all tags */
	while (end - text > MAX_DATA_RUN) {
		const char *run = text;
		while (text < end && is_data(*text))
			text++;
		if (text - run > MAX_DATA_RUN) {
			g_string_append_len(out, kept, run - kept);
			kept = text;
		}
		if (text < end)
			text++;
	}
	g_string_append_len(out, kept, end - kept);
}

GString *
html_prepare(const char *html, gsize length)
{
	const char *end = html + length;
	GString *out = g_string_sized_new(length + 64);
	while (html < end) {
		gboolean tag = *html == '<';
		if (tag && is_bare_address(html, end))
			g_string_append(out, "&lt;");
		else if (tag)
			g_string_append_c(out, '<');
		html += tag;
		const char *open = memchr(html, '<', (gsize)(end - html));
		append_without_data(out, html, open != NULL ? open : end);
		html = open != NULL ? open : end;
	}
	return out;
}
