#include "mail/html.h"

#include <string.h>

/* Mark-up taken away; the real reader follows. */
HtmlText *
html_to_text(const char *html, gsize length, gsize max_text)
{
	GString *out = g_string_new(NULL);
	gboolean tag = FALSE;
	for (gsize i = 0; i < length && out->len < max_text; i++) {
		if (html[i] == '<')
			tag = TRUE;
		if (!tag)
			g_string_append_c(out, html[i]);
		if (html[i] == '>')
			tag = FALSE;
	}
	HtmlText *result = g_new0(HtmlText, 1);
	result->text = g_string_free(out, FALSE);
	result->links = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void
html_text_free(HtmlText *html_text)
{
	if (html_text == NULL)
		return;
	g_free(html_text->text);
	if (html_text->links != NULL)
		g_ptr_array_unref(html_text->links);
	g_free(html_text);
}
