#include "triage/json_line.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define LINE_DIGITS 12 /* of a real number: more than any weight has */

static void append_value(GString *line, const json_t *json);

static void
append_escaped(GString *line, char c)
{
	static const char letters[] = { ['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
		['"'] = '"',
		['\\'] = '\\' };
	char letter = (guchar)c < sizeof letters ? letters[(guchar)c] : '\0';
	if (letter != '\0')
		g_string_append_printf(line, "\\%c", letter);
	else
		g_string_append_printf(line, "\\u%04X", (guint)(guchar)c);
}

static gboolean
is_plain(char c)
{
	return (guchar)c >= ' ' && c != '"' && c != '\\';
}

/* Run by run: jansson looks up every character on its own, which was as much work as parsing
 * the mail. */
static void
append_string(GString *line, const char *text, gsize length)
{
	g_string_append_c(line, '"');
	for (gsize i = 0; i < length; i++) {
		gsize start = i;
		while (i < length && is_plain(text[i]))
			i++;
		g_string_append_len(line, text + start, (gssize)(i - start));
		if (i < length)
			append_escaped(line, text[i]);
	}
	g_string_append_c(line, '"');
}

static void
append_object(GString *line, const json_t *json)
{
	const char *key, *between = "";
	json_t *value;
	g_string_append_c(line, '{');
	json_object_foreach((json_t *)json, key, value)
	{
		g_string_append(line, between);
		append_string(line, key, strlen(key));
		g_string_append(line, ": ");
		append_value(line, value);
		between = ", ";
	}
	g_string_append_c(line, '}');
}

static void
append_array(GString *line, const json_t *json)
{
	for (gsize i = 0; i < json_array_size(json); i++) {
		g_string_append(line, i == 0 ? "[" : ", ");
		append_value(line, json_array_get(json, i));
	}
	g_string_append(line, json_array_size(json) == 0 ? "[]" : "]");
}

/* Numbers, which are few, as the library writes them. */
static void
append_other(GString *line, const json_t *json)
{
	char *dumped =
	        json_dumps(json, JSON_REAL_PRECISION(LINE_DIGITS) | JSON_ENCODE_ANY);
	g_string_append(line, dumped);
	free(dumped);
}

static void
append_value(GString *line, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT: append_object(line, json); break;
	case JSON_ARRAY: append_array(line, json); break;
	case JSON_STRING:
		append_string(line, json_string_value(json), json_string_length(json));
		break;
	case JSON_INTEGER:
		g_string_append_printf(
		        line, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		break;
	case JSON_NULL: g_string_append(line, "null"); break;
	case JSON_TRUE: g_string_append(line, "true"); break;
	case JSON_FALSE: g_string_append(line, "false"); break;
	case JSON_REAL: append_other(line, json); break;
	}
}

char *
json_line(const json_t *json)
{
	GString *line = g_string_sized_new(1024);
	append_value(line, json);
	return g_string_free(line, FALSE);
}
