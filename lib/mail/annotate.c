#include "mail/annotate.h"

#include <string.h>

#include "base/text.h"
#include "mail/encoded_word.h"
#include "mail/gmime_use.h"

#define VALUE_CHARS_MAX 900 /* of a field: RFC 5322 2.1.1 with room for its encoding */

Annotation *
annotation_new(void)
{
	Annotation *annotation = g_new0(Annotation, 1);
	annotation->lines = g_ptr_array_new_with_free_func(g_free);
	return annotation;
}

void
annotation_free(Annotation *annotation)
{
	if (annotation == NULL)
		return;
	g_ptr_array_unref(annotation->lines);
	g_free(annotation);
}

/* GMime folds with LF. */
static char *
with_crlf(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	return g_strjoinv("\r\n", lines);
}

void
annotation_add(Annotation *annotation, const char *name, const char *value)
{
	g_autofree char *line =
	        value != NULL ? text_one_line(value, VALUE_CHARS_MAX) : g_strdup("");
	if (*g_strstrip(line) == '\0')
		return;
	gmime_use();
	g_autofree char *text = encoded_words_defuse(line);
	g_autofree char *encoded = g_mime_utils_header_encode_text(NULL, text, "utf-8");
	g_autofree char *field = g_strdup_printf("%s: %s", name, encoded);
	g_autofree char *folded =
	        g_mime_utils_unstructured_header_fold(NULL, NULL, field);
	g_ptr_array_add(annotation->lines, with_crlf(g_strchomp(folded)));
}

/* One line of the header, and where the next one begins. */
typedef struct {
	const char *start;
	gsize length; /* without its end */
	const char *next;
} Line;

static Line
line_at(const char *at, const char *end)
{
	Line line = { .start = at };
	while (at < end && *at != '\r' && *at != '\n')
		at++;
	line.length = (gsize)(at - line.start);
	if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
		at += 2;
	else if (at < end)
		at++;
	line.next = at;
	return line;
}

/* The length of a field's name, blanks before the colon (RFC 5322 4.5) left out. A line without
 * a colon is all name: some readers unfold first. */
static gsize
name_length(const Line *line)
{
	const char *colon = memchr(line->start, ':', line->length);
	gsize length = colon != NULL ? (gsize)(colon - line->start) : line->length;
	while (length > 0 &&
	        (line->start[length - 1] == ' ' || line->start[length - 1] == '\t'))
		length--;
	return length;
}

static gboolean
is_annotated(const Annotation *annotation, const char *name, gsize length)
{
	for (guint i = 0; i < annotation->lines->len; i++) {
		const char *field = g_ptr_array_index(annotation->lines, i);
		if (strcspn(field, ":") == length &&
		        g_ascii_strncasecmp(field, name, length) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_unwanted(const Line *line, const Annotation *annotation, const char *const *prefixes)
{
	gsize length = name_length(line);
	for (guint i = 0; prefixes[i] != NULL; i++) {
		gsize prefix = strlen(prefixes[i]);
		if (length >= prefix &&
		        g_ascii_strncasecmp(line->start, prefixes[i], prefix) == 0)
			return TRUE;
	}
	return length > 0 && is_annotated(annotation, line->start, length);
}

/* Copy what is wanted of the header; where the body begins. */
static const char *
copy_header(GByteArray *out, const char *at, const char *end,
        const Annotation *annotation, const char *const *prefixes)
{
	/* What continues no field of the mail's would continue the last one of ours. */
	gboolean unwanted = TRUE;
	while (at < end) {
		Line line = line_at(at, end);
		if (line.length == 0)
			return line.next;
		if (line.start[0] != ' ' && line.start[0] != '\t')
			unwanted = is_unwanted(&line, annotation, prefixes);
		if (!unwanted) {
			g_byte_array_append(
			        out, (const guint8 *)line.start, (guint)line.length);
			g_byte_array_append(out, (const guint8 *)"\r\n", 2);
		}
		at = line.next;
	}
	return end;
}

GBytes *
annotate(GBytes *mail, const Annotation *annotation, const char *const *prefixes)
{
	gsize size;
	const char *data = g_bytes_get_data(mail, &size);
	const char *start =
	        data != NULL ? data : ""; /* an empty mail has no bytes at all */
	const char *end = start + size;
	GByteArray *out = g_byte_array_sized_new((guint)size + 4096);
	for (guint i = 0; i < annotation->lines->len; i++) {
		const char *line = g_ptr_array_index(annotation->lines, i);
		g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
		g_byte_array_append(out, (const guint8 *)"\r\n", 2);
	}
	const char *body = copy_header(out, start, end, annotation, prefixes);
	g_byte_array_append(out, (const guint8 *)"\r\n", 2);
	g_byte_array_append(out, (const guint8 *)body, (guint)(end - body));
	return g_byte_array_free_to_bytes(out);
}
