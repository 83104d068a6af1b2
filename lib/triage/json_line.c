#include "triage/json_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_DIGITS 12 /* of a real number: more than any weight has */
#define HUNDREDTHS_MOST                                                                \
	1e6              /* well within what LINE_DIGITS and a double can tell apart */
#define NUMBER_DIGITS 20 /* of an integer, with its sign */

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
	if (letter != '\0') {
		g_string_append_c(line, '\\');
		g_string_append_c(line, letter);
	} else {
		g_string_append_printf(line, "\\u%04X", (guint)(guchar)c);
	}
}

static gboolean
is_plain(char c)
{
	return (guchar)c >= ' ' && c != '"' && c != '\\';
}

/* The same, and ASCII. */
static gsize
plain_span(const char *text)
{
	gsize length = 0;
	while (text[length] >= ' ' && text[length] != '"' && text[length] != '\\')
		length++;
	return length;
}

/* Take room behind what is written: one call for all that follows. */
static char *
take_room(GString *line, gsize length)
{
	gsize start = line->len;
	g_string_set_size(line, start + length);
	return line->str + start;
}

/* A string of which something must be escaped, from there on. */
static void
append_rest(GString *line, const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		if (is_plain(text[i]))
			g_string_append_c(line, text[i]);
		else
			append_escaped(line, text[i]);
	}
	g_string_append_c(line, '"');
}

/* Most strings are short and plain: copied in one go. jansson looks up every character on its own,
 * which was as much work as parsing the mail. */
static void
append_string(GString *line, const char *text, gsize length)
{
	gsize at = 0;
	char *out = take_room(line, length + 2);
	*out++ = '"';
	while (at < length && is_plain(text[at]))
		*out++ = text[at++];
	*out = '"';
	if (at == length)
		return;
	g_string_truncate(line, (gsize)(out - line->str));
	append_rest(line, text + at, length - at);
}

static char
last_byte(const GString *line)
{
	return line->len > 0 ? line->str[line->len - 1] : '\0';
}

void
line_put_comma(GString *line)
{
	char last = last_byte(line);
	if (last != '{' && last != '[')
		memcpy(take_room(line, 2), ", ", 2);
}

void
line_put_name(GString *line, const char *name)
{
	gsize length = strlen(name);
	line_put_comma(line);
	char *out = take_room(line, length + 4);
	out[0] = '"';
	memcpy(out + 1, name, length);
	memcpy(out + 1 + length, "\": ", 3);
}

void
line_put_text(GString *line, const char *text)
{
	if (text == NULL) {
		memcpy(take_room(line, 4), "null", 4);
		return;
	}
	gsize plain = plain_span(text);
	if (text[plain] == '\0') {
		char *out = take_room(line, plain + 2);
		out[0] = out[plain + 1] = '"';
		memcpy(out + 1, text, plain);
		return;
	}
	/* a wrong byte must cost a character, not the object */
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	append_string(line, valid, strlen(valid));
}

void
line_put_number(GString *line, gint64 number)
{
	char digits[NUMBER_DIGITS];
	gsize at = sizeof digits;
	guint64 rest = number < 0 ? -(guint64)number : (guint64)number;
	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		digits[--at] = '-';
	g_string_append_len(line, digits + at, (gssize)(sizeof digits - at));
}

void
line_put_hundredths(GString *line, double number)
{
	gint64 hundredths = (gint64)round(number * 100);
	guint rest = (guint)ABS(hundredths % 100);
	if (hundredths < 0)
		g_string_append_c(line, '-');
	line_put_number(line, ABS(hundredths / 100));
	g_string_append_c(line, '.');
	g_string_append_c(line, (char)('0' + rest / 10));
	if (rest % 10 != 0)
		g_string_append_c(line, (char)('0' + rest % 10));
}

static void
put_object(GString *line, const json_t *json)
{
	const char *key;
	json_t *value;
	g_string_append_c(line, '{');
	json_object_foreach((json_t *)json, key, value)
	{
		line_put_comma(line);
		append_string(line, key, strlen(key));
		g_string_append_len(line, ": ", 2);
		line_put(line, value);
	}
	g_string_append_c(line, '}');
}

static void
put_array(GString *line, const json_t *json)
{
	gsize count = json_array_size(json);
	g_string_append_c(line, '[');
	for (gsize i = 0; i < count; i++) {
		line_put_comma(line);
		line_put(line, json_array_get(json, i));
	}
	g_string_append_c(line, ']');
}

/* Whether hundredths say all of a number: its shortest decimal form has no more digits then. */
static gboolean
is_of_hundredths(double number)
{
	return fabs(number) < HUNDREDTHS_MOST &&
	       !(signbit(number) && number > -0.005) &&
	       round(number * 100) / 100 == number;
}

/* Weights are of hundredths, nearly all of them; other numbers as the library writes them, for
 * twenty times the work. */
static void
put_real(GString *line, const json_t *json)
{
	if (is_of_hundredths(json_real_value(json))) {
		line_put_hundredths(line, json_real_value(json));
		return;
	}
	char *dumped =
	        json_dumps(json, JSON_REAL_PRECISION(LINE_DIGITS) | JSON_ENCODE_ANY);
	g_string_append(line, dumped);
	free(dumped);
}

void
line_put(GString *line, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT: put_object(line, json); break;
	case JSON_ARRAY: put_array(line, json); break;
	case JSON_STRING:
		append_string(line, json_string_value(json), json_string_length(json));
		break;
	case JSON_INTEGER: line_put_number(line, json_integer_value(json)); break;
	case JSON_NULL: g_string_append_len(line, "null", 4); break;
	case JSON_TRUE: g_string_append_len(line, "true", 4); break;
	case JSON_FALSE: g_string_append_len(line, "false", 5); break;
	case JSON_REAL: put_real(line, json); break;
	}
}

char *
json_line(const json_t *json)
{
	GString *line = g_string_sized_new(1024);
	line_put(line, json);
	return g_string_free(line, FALSE);
}
