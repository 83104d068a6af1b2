/* A template file of the admin's, filled with values full of template syntax. */
#include <string.h>

#include "rules/template.h"
#include "tests/fuzz/target.h"

static Values *
hostile_values(void)
{
	static const char hostile[] =
	        "{{#found}}\r\nBcc: x@example.org {{>greeting}} {{";
	Values *values = values_new();
	for (int i = 0; template_names[i] != NULL; i++)
		values_set(values, template_names[i], hostile);
	for (int i = 0; i < 3; i++)
		values_set(values_append(values, "found_items"), "value", hostile);
	return values;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const char *file = target_file("fuzz.it.txt", data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(Template) template = template_load(file, NULL, &error);
	target_must((template == NULL) == (error != NULL));
	if (template == NULL)
		return 0;
	g_autoptr(Values) values = hostile_values();
	g_autofree char *text = template_fill(template, values);
	target_must(g_utf8_validate(text, -1, NULL));
	return 0;
}
