#include "triaged/finding.h"

const char *
finding_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

gboolean
finding_is_present(const json_t *item)
{
	return g_strcmp0(finding_text(item, "state"), "present") == 0;
}

char *
finding_place(const json_t *object)
{
	const char *origin = finding_text(object, "origin"),
	           *part = finding_text(object, "part");
	json_int_t line = json_integer_value(json_object_get(object, "line"));
	GString *words = g_string_new(origin != NULL ? origin : "-");
	if (part != NULL)
		g_string_append_printf(words, ", part %s", part);
	if (line > 0)
		g_string_append_printf(words, ", line %d", (int)line);
	return g_string_free(words, FALSE);
}
