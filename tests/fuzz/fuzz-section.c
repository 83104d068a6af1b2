/* A person's text, cut into own words, forwards, quotes, pasted headers and reports. */
#include <string.h>

#include "mail/section.h"
#include "tests/fuzz/target.h"

static void
check(const Section *section, const Section *previous)
{
	target_must(g_utf8_validate(section->text, -1, NULL));
	target_must(section->line >= 1);
	target_must(previous == NULL || section->line >= previous->line);
	target_must(section->kind != SECTION_QUOTE || section->header != NULL);
	for (guint i = 0; i < section->line_count; i++)
		target_must(section->lines[i] >= section->line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const Markers *markers = vocabulary_markers(target_catalogue()->vocabulary);
	g_autofree char *text = target_text(data, size);
	g_autofree char *subject = g_strndup(text, strcspn(text, "\n"));
	g_autoptr(GPtrArray) sections = sections_split(text, subject, markers);
	target_must(sections->len > 0);
	for (guint i = 0; i < sections->len; i++)
		check(g_ptr_array_index(sections, i),
		        i > 0 ? g_ptr_array_index(sections, i - 1) : NULL);
	return 0;
}
