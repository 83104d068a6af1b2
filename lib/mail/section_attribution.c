/* The line over a reply's quote: "Il giorno 5 nov 2026 alle ore 10:22 X <x@a> ha scritto:". */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/section_block.h"

#define ATTRIBUTION_ROWS_MAX 4    /* it wraps */
#define ATTRIBUTION_BYTES_MAX 500 /* joined */

/* The attribution under construction: rows joined, verbatim and folded. */
typedef struct {
	GString *text, *folded;
	guint end; /* first row behind it */
} Attribution;

static void
attribution_clear(Attribution *attribution)
{
	g_string_free(attribution->text, TRUE);
	g_string_free(attribution->folded, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attribution, attribution_clear)

static guint
count_words(const char *text)
{
	guint count = 1;
	for (; *text != '\0'; text++)
		count += *text == ' ';
	return count;
}

/* Cut count words and what is between them and before them off the end. */
static void
cut_words(GString *text, guint count)
{
	gsize length = text->len;
	for (; count > 0; count--) {
		while (length > 0 && text->str[length - 1] == ' ')
			length--;
		while (length > 0 && text->str[length - 1] != ' ')
			length--;
	}
	while (length > 0 && strchr(" ,", text->str[length - 1]) != NULL)
		length--;
	g_string_truncate(text, length);
}

/* Whether the rows joined so far end with a verb and a colon; cuts them off both texts. */
static gboolean
cut_verb(Attribution *attribution, const Markers *markers)
{
	GString *folded = attribution->folded;
	gsize length = folded->len;
	if (length == 0 || folded->str[length - 1] != ':')
		return FALSE;
	while (length > 0 && strchr(": ", folded->str[length - 1]) != NULL)
		length--;
	for (guint i = 0; i < markers->attribution_verbs->len; i++) {
		const char *verb = markers->attribution_verbs->pdata[i];
		gsize size = strlen(verb);
		if (size + 1 >= length || folded->str[length - size - 1] != ' ' ||
		        memcmp(folded->str + length - size, verb, size) != 0)
			continue;
		g_string_truncate(folded, length - size - 1);
		g_strchomp(g_strdelimit(attribution->text->str, "\t", ' '));
		attribution->text->len = strlen(attribution->text->str);
		cut_words(attribution->text, count_words(verb));
		return TRUE;
	}
	return FALSE;
}

static gboolean
read_attribution(const Rows *rows, guint from, guint to, const Markers *markers,
        Attribution *attribution)
{
	to = MIN(to, from + ATTRIBUTION_ROWS_MAX);
	for (guint i = from; i < to; i++) {
		const Row *row = &rows->at[i];
		const char *gap = i > from ? " " : "";
		if (row->quote != rows->at[from].quote || line_is_blank(&row->line) ||
		        attribution->folded->len > ATTRIBUTION_BYTES_MAX)
			return FALSE;
		g_string_append_printf(
		        attribution->folded, "%s%s", gap, row->line.folded);
		g_string_append_printf(
		        attribution->text, "%s%s", gap, line_words(&row->line));
		if (cut_verb(attribution, markers)) {
			attribution->end = i + 1;
			return TRUE;
		}
	}
	return FALSE;
}

/* The end of the last time of day in text ("10:22", "10.22 PM"), or 0. */
static gsize
time_end(const char *text)
{
	gsize end = 0;
	for (gsize i = 1; text[i] != '\0' && text[i + 1] != '\0'; i++) {
		if ((text[i] != ':' && text[i] != '.') ||
		        !g_ascii_isdigit(text[i - 1]) ||
		        !g_ascii_isdigit(text[i + 1]) ||
		        !g_ascii_isdigit(text[i + 2]) || g_ascii_isalnum(text[i + 3]))
			continue;
		end = i + 3;
		if (g_ascii_strncasecmp(text + end, " AM", 3) == 0 ||
		        g_ascii_strncasecmp(text + end, " PM", 3) == 0)
			end += 3;
	}
	return end;
}

/* "X <x@a.it>" and the verb right behind it; not "un cliente (x@a.it) quando mi scrive:". */
static gboolean
ends_with_address(const char *folded)
{
	const char *at = strrchr(folded, '@');
	const char *behind = at != NULL ? strchr(at, ' ') : NULL;
	while (behind != NULL && *behind != '\0' && !g_ascii_isalnum(*behind))
		behind++;
	return at != NULL && (behind == NULL || *behind == '\0');
}

/* "Il cliente ha scritto:" is prose: an attribution names a day and a person. Without an
 * address and a time of day ("Il 5/11 mi ha scritto:") quoted rows must follow. */
static gboolean
attribution_is_sure(const Attribution *attribution, const Rows *rows, guint from,
        guint to, const Markers *markers)
{
	const char *folded = attribution->folded->str;
	gboolean digit = strpbrk(folded, "0123456789") != NULL;
	gboolean opener = g_ascii_isdigit(folded[0]);
	for (guint i = 0; i < markers->attribution_openers->len && !opener; i++)
		opener = core_begins(folded, markers->attribution_openers->pdata[i]);
	if (ends_with_address(folded))
		return TRUE;
	if (!opener || !digit)
		return FALSE;
	if (strchr(folded, '@') != NULL)
		return TRUE;
	guint next = rows_filled(rows, attribution->end, to);
	return time_end(folded) > 0 ||
	       (next < to && rows->at[next].quote > rows->at[from].quote);
}

/* Who and when: the name stands behind the time of day, and the address behind it. */
static Header *
attribution_header(const char *text)
{
	Header *header = header_new();
	gsize split = time_end(text), start = 0, end = 0;
	g_autofree char *address = diagnostic_address(text, &start, &end);
	if (address != NULL && split > start)
		split = 0;
	const char *author = text + split + strspn(text + split, " ,-(*");
	header_put(header, "From", split == 0 && address != NULL ? address : author);
	if (split > 0) {
		g_autofree char *date = g_strndup(text, split);
		header_put(header, "Date", date);
	}
	return header;
}

/* Whether a colon ends one of the rows that an attribution from here may wrap into, as it
 * does hardly anywhere: else there is nothing to join and to look for a verb in. */
static gboolean
colon_is_near(const Rows *rows, guint from, guint to)
{
	to = MIN(to, from + ATTRIBUTION_ROWS_MAX);
	for (guint i = from; i < to; i++) {
		const Line *line = &rows->at[i].line;
		if (line_is_blank(line) || rows->at[i].quote != rows->at[from].quote)
			return FALSE;
		if (line->folded[line->folded_length - 1] == ':')
			return TRUE;
	}
	return FALSE;
}

gboolean
attribution_at(
        const Rows *rows, guint from, guint to, const Markers *markers, Marker *marker)
{
	if (!colon_is_near(rows, from, to))
		return FALSE;
	g_auto(Attribution) attribution = { .text = g_string_new(NULL),
		.folded = g_string_new(NULL) };
	if (!read_attribution(rows, from, to, markers, &attribution) ||
	        !attribution_is_sure(&attribution, rows, from, to, markers))
		return FALSE;
	marker->kind = MARKER_ATTRIBUTION;
	marker->body = attribution.end;
	marker->header = attribution_header(attribution.text->str);
	return TRUE;
}
