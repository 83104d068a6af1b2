#include "mail/section.h"

void
section_free(Section *section)
{
	if (section == NULL)
		return;
	g_free(section->text);
	g_free(section->lines);
	header_free(section->header);
	g_free(section);
}

GPtrArray *
sections_split(const char *text, const char *subject, const Markers *markers)
{
	(void)subject;
	(void)markers;
	GPtrArray *sections =
	        g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
	Section *words = g_new0(Section, 1);
	words->kind = SECTION_WORDS;
	words->line = 1;
	words->text = g_strdup(text);
	words->line_count = 1;
	for (const char *c = text; *c != '\0'; c++)
		words->line_count += *c == '\n' && c[1] != '\0';
	words->lines = g_new(guint, words->line_count);
	for (guint i = 0; i < words->line_count; i++)
		words->lines[i] = i + 1;
	g_ptr_array_add(sections, words);
	return sections;
}
