/* HTML to text: always valid, never longer than asked for. */
#include <string.h>

#include "mail/charset.h"
#include "mail/html.h"
#include "tests/fuzz/target.h"

#define MAX_TEXT 4096
#define MARKS_MAX 64 /* what may stand behind a cut */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	g_autofree char *html = charset_decode((const char *)data, size, NULL);
	g_autoptr(HtmlText) text = html_to_text(html, strlen(html), MAX_TEXT);
	target_must(strlen(text->text) <= MAX_TEXT + MARKS_MAX);
	target_must(g_utf8_validate(text->text, -1, NULL));
	for (guint i = 0; i < text->links->len; i++)
		target_must(
		        g_utf8_validate(g_ptr_array_index(text->links, i), -1, NULL));
	gsize ink = 0;
	for (const char *c = text->text; *c != '\0'; c++)
		ink += !g_ascii_isspace(*c);
	target_must(ink <= html_ink_max(html, strlen(html)));
	return 0;
}
