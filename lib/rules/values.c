#include "rules/values.h"

#include "base/text.h"

/* A value is a name, an address or one error line; the rest of it is the agents' to read. */
#define VALUE_CHARS_MAX 300

struct Values {
	GHashTable *texts; /* name -> text; a flag is an empty text */
	GHashTable *lists; /* name -> GPtrArray of Values */
	const Values *outer;
};

Values *
values_new(void)
{
	Values *values = g_new0(Values, 1);
	values->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	values->lists = g_hash_table_new_full(
	        g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	return values;
}

void
values_free(Values *values)
{
	if (values == NULL)
		return;
	g_hash_table_unref(values->texts);
	g_hash_table_unref(values->lists);
	g_free(values);
}

void
values_set(Values *values, const char *name, const char *text)
{
	g_autofree char *line =
	        text != NULL ? text_one_line(text, VALUE_CHARS_MAX) : g_strdup("");
	g_strstrip(line);
	if (line[0] == '\0')
		g_hash_table_remove(values->texts, name);
	else
		g_hash_table_replace(
		        values->texts, g_strdup(name), g_steal_pointer(&line));
}

void
values_set_flag(Values *values, const char *name, gboolean flag)
{
	if (flag)
		g_hash_table_replace(values->texts, g_strdup(name), g_strdup(""));
	else
		g_hash_table_remove(values->texts, name);
}

Values *
values_append(Values *values, const char *list)
{
	GPtrArray *elements = g_hash_table_lookup(values->lists, list);
	if (elements == NULL) {
		elements = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);
		g_hash_table_insert(values->lists, g_strdup(list), elements);
	}
	Values *element = values_new();
	element->outer = values;
	g_ptr_array_add(elements, element);
	return element;
}

const char *
values_text(const Values *values, const char *name)
{
	const char *text = NULL;
	for (; values != NULL && text == NULL; values = values->outer)
		text = g_hash_table_lookup(values->texts, name);
	return text;
}

const GPtrArray *
values_list(const Values *values, const char *name)
{
	const GPtrArray *list = NULL;
	for (; values != NULL && list == NULL; values = values->outer)
		list = g_hash_table_lookup(values->lists, name);
	return list;
}
