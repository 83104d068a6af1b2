#include "mail/report_notice.h"

#include <string.h>

#include "base/text.h"
#include "mail/diagnostic.h"
#include "mail/report_layout.h"

#define END_LINE_MAX 120    /* a line that announces the returned mail is short */
#define HEADER_FIELDS_MIN 3 /* that make a header block at the head of a paste */
#define WORDS_LINES_MAX 40  /* of one refusal */
#define ORIGINAL_BYTES_MAX (64 * 1024) /* of a returned header that are parsed */

/* Fields that only a returned mail's header begins with. */
static const char *const header_openers[] = { "received:", "return-path:",
	"dkim-signature:", "domainkey-signature:", "x-received:", "arc-seal:",
	"delivered-to:", "x-apparently-to:" };

/* The machine's part begins; its fields are read elsewhere. */
static const char *const field_openers[] = { "reporting-mta:", "final-recipient:",
	"diagnostic-code:", "remote-mta:", "original-recipient:",
	"original-envelope-id:", "feedback-type:" };

static gboolean
begins_with_any(const char *text, const char *const *prefixes, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (prefixes[i][0] == text[0] && g_str_has_prefix(text, prefixes[i]))
			return TRUE;
	return FALSE;
}

static gboolean
line_is_field(const Line *line)
{
	gsize length = strspn(line->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                  "abcdefghijklmnopqrstuvwxyz0123456789-");
	return length > 0 && line->text[length] == ':';
}

/* A bounce pasted with its own header: the notification begins behind that. */
static guint
skip_own_header(const Lines *lines)
{
	guint first = 0, fields = 0;
	while (first < lines->count && line_is_blank(&lines->at[first]))
		first++;
	guint i = first;
	for (; i < lines->count && !line_is_blank(&lines->at[i]); i++) {
		const Line *line = &lines->at[i];
		if (line_is_field(line) && !begins_with_any(line->folded, field_openers,
		                                   G_N_ELEMENTS(field_openers)))
			fields++;
		else if (line->indent == 0)
			return first;
	}
	return fields >= HEADER_FIELDS_MIN && i < lines->count ? i : first;
}

static gboolean
line_is_returned(const Line *line, const Markers *markers)
{
	gsize length;
	if (line->indent == 0 && begins_with_any(line->folded, header_openers,
	                                 G_N_ELEMENTS(header_openers)))
		return TRUE;
	return line->folded_length <= END_LINE_MAX &&
	       phrase_begins(PHRASE_END, line_core(line), markers, &length);
}

/* Whether a header block may begin at line i. */
static gboolean
opens_header(const Lines *lines, guint i)
{
	const Line *line = &lines->at[i];
	if (line->indent > 0 || i + 1 >= lines->count || !line_is_field(line) ||
	        g_str_has_prefix(line->folded, "content-"))
		return FALSE;
	return line[1].indent > 0 || line_is_field(&line[1]);
}

static gboolean
line_ends_notice(const Line *line, const Markers *markers)
{
	return begins_with_any(
	               line->folded, field_openers, G_N_ELEMENTS(field_openers)) ||
	       line_is_returned(line, markers);
}

/* The next part of a raw MIME body that was pasted, or that no boundary was found for. */
static gboolean
is_part_boundary(const Lines *lines, guint i)
{
	return i > 0 && i + 1 < lines->count && lines->at[i].text[0] == '-' &&
	       g_str_has_prefix(lines->at[i].text, "--") &&
	       g_str_has_prefix(lines->at[i + 1].folded, "content-") &&
	       strstr(lines->at[i + 1].folded, "text/plain") == NULL &&
	       strstr(lines->at[i + 1].folded, "notification") == NULL;
}

gboolean
notice_has_returned(const Notice *notice)
{
	for (guint i = notice->end; i < notice->lines->count; i++)
		if (line_is_returned(&notice->lines->at[i], notice->markers))
			return TRUE;
	return FALSE;
}

static void
failure_free(Failure *failure)
{
	g_free(failure->address);
	g_free(failure->words);
	g_free(failure->status);
	g_free(failure->sender);
	g_free(failure);
}

/* The fields from line *i on, up to an empty line, as a header; NULL when they are none of a
 * mail. *i becomes the line behind. */
static Header *
read_header(const Lines *lines, guint *i)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (; *i < lines->count && !line_is_blank(&lines->at[*i]); (*i)++)
		if (text->len < ORIGINAL_BYTES_MAX)
			g_string_append_c(
			        g_string_append(text, lines->at[*i].text), '\n');
	g_autoptr(Header) header = header_parse(text->str, text->len);
	gboolean mail = header_has(header, "From") || header_has(header, "To") ||
	                header_has(header, "Message-ID") ||
	                header_has(header, "Return-Path");
	return mail ? g_steal_pointer(&header) : NULL;
}

/* The returned mail's header: the first block of fields behind the notification that is one;
 * the machine's part has fields too. */
static Header *
find_original(const Lines *lines, guint end)
{
	for (guint i = end; i < lines->count; i++) {
		Header *header = opens_header(lines, i) ? read_header(lines, &i) : NULL;
		if (header != NULL)
			return header;
	}
	return NULL;
}

static char *
first_address(const Header *header, const char *name)
{
	const char *value = header == NULL ? NULL : header_get(header, name);
	if (value == NULL)
		return NULL;
	g_autoptr(GPtrArray) list = header_addresses(value);
	return list->len == 0 ? NULL : g_strdup(((NameAddr *)list->pdata[0])->address);
}

Notice *
notice_new(const Lines *lines, const Header *original, const Markers *markers)
{
	Notice *notice = g_new0(Notice, 1);
	notice->lines = lines;
	notice->markers = markers;
	notice->failures = g_ptr_array_new_with_free_func((GDestroyNotify)failure_free);
	notice->start = skip_own_header(lines);
	notice->end = notice->start;
	while (notice->end < lines->count &&
	        !line_ends_notice(&lines->at[notice->end], markers) &&
	        !is_part_boundary(lines, notice->end))
		notice->end++;
	notice->elsewhere = original;
	guint last = MIN(notice->end + 1, lines->count);
	notice->layout = layout_find(lines, notice->start, last, markers);
	return notice;
}

const Header *
notice_original(Notice *notice)
{
	if (!notice->searched)
		notice->original = find_original(notice->lines, notice->end);
	notice->searched = TRUE;
	return notice->original;
}

Header *
notice_take_original(Notice *notice)
{
	notice_original(notice);
	return g_steal_pointer(&notice->original);
}

static void
read_people(Notice *notice)
{
	if (notice->read)
		return;
	const Header *original =
	        notice->elsewhere != NULL ? notice->elsewhere : notice_original(notice);
	notice->author = first_address(original, "From");
	notice->addressee = first_address(original, "To");
	notice->read = TRUE;
}

const char *
notice_author(Notice *notice)
{
	read_people(notice);
	return notice->author;
}

const char *
notice_addressee(Notice *notice)
{
	read_people(notice);
	return notice->addressee;
}

void
notice_free(Notice *notice)
{
	if (notice == NULL)
		return;
	g_ptr_array_unref(notice->failures);
	header_free(notice->original);
	g_free(notice->author);
	g_free(notice->addressee);
	g_free(notice);
}

Failure *
notice_add(Notice *notice, const char *address, guint head)
{
	if (notice->failures->len >= FAILURES_MAX)
		return NULL;
	Failure *failure = g_new0(Failure, 1);
	failure->address = g_strdup(address);
	failure->head = head;
	failure->line =
	        head < notice->lines->count ? notice->lines->at[head].number : 1;
	g_ptr_array_add(notice->failures, failure);
	return failure;
}

WordsWorth
words_worth(const char *words, WordsWorth least)
{
	if (words == NULL || words[0] == '\0')
		return WORDS_NONE;
	g_autofree char *code = diagnostic_reply_code(words);
	g_autofree char *status = code == NULL ? diagnostic_status(words) : NULL;
	return code != NULL || status != NULL ? WORDS_REPLY : least;
}

void
failure_offer(Failure *failure, const char *words, guint line, WordsWorth worth)
{
	if (worth <= failure->worth)
		return;
	g_free(failure->words);
	failure->words = g_strdup(words);
	failure->worth = worth;
	failure->line = line;
}

guint
notice_blank(const Notice *notice, guint first)
{
	while (first < notice->end && !line_is_blank(&notice->lines->at[first]))
		first++;
	return MIN(first, notice->end);
}

guint
notice_filled(const Notice *notice, guint first)
{
	while (first < notice->end && line_core(&notice->lines->at[first])[0] == '\0')
		first++;
	return MIN(first, notice->end);
}

char *
notice_words(const Notice *notice, guint first, guint last)
{
	g_autoptr(GString) words = g_string_new(NULL);
	last = MIN(last, first + WORDS_LINES_MAX);
	for (guint i = first; i < last && words->len < DIAGNOSTIC_MAX; i++) {
		if (words->len > 0)
			g_string_append_c(words, '\n');
		g_string_append(words, line_words(&notice->lines->at[i]));
	}
	g_strstrip(words->str);
	return words->str[0] == '\0' ? NULL : g_strdup(words->str);
}

static void
keep_better(Failure *kept, Failure *other)
{
	kept->listed = kept->listed || other->listed;
	if (kept->status == NULL)
		kept->status = g_steal_pointer(&other->status);
	if (other->worth <= kept->worth)
		return;
	g_free(kept->words);
	kept->words = g_steal_pointer(&other->words);
	kept->worth = other->worth;
	kept->line = other->line;
}

/* The words of a file or pipe that names nobody are those of the addresses without any. */
static void
settle_nameless(Notice *notice)
{
	for (guint i = notice->failures->len; i-- > 0;) {
		Failure *nameless = notice->failures->pdata[i];
		if (nameless->address[0] != '\0' || notice->failures->len == 1)
			continue;
		for (guint k = 0; k < notice->failures->len; k++) {
			Failure *failure = notice->failures->pdata[k];
			if (failure->words == NULL)
				failure_offer(failure, nameless->words, nameless->line,
				        nameless->worth);
		}
		g_ptr_array_remove_index(notice->failures, i);
	}
}

/* Addresses that stand in the prose ("please contact <postmaster@...>") go when others
 * are listed or have words. */
static gboolean
failure_is_prose(const Failure *failure)
{
	return failure->worth <= WORDS_NEAR && !failure->listed;
}

void
notice_best(Notice *notice)
{
	/* as in most reports: there is nothing to choose from */
	if (notice->failures->len <= 1)
		return;
	g_autoptr(GHashTable) known =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *best = g_ptr_array_new_with_free_func((GDestroyNotify)failure_free);
	gboolean found = FALSE;
	settle_nameless(notice);
	for (guint i = 0; i < notice->failures->len; i++)
		found = found || !failure_is_prose(notice->failures->pdata[i]);
	g_ptr_array_set_free_func(notice->failures, NULL);
	for (guint i = 0; i < notice->failures->len; i++) {
		Failure *failure = notice->failures->pdata[i];
		g_autofree char *key = text_lower(failure->address, -1);
		Failure *kept = g_hash_table_lookup(known, key);
		if (kept != NULL)
			keep_better(kept, failure);
		if (kept != NULL || (found && failure_is_prose(failure))) {
			failure_free(failure);
			continue;
		}
		g_hash_table_insert(known, g_steal_pointer(&key), failure);
		g_ptr_array_add(best, failure);
	}
	g_ptr_array_unref(notice->failures);
	notice->failures = best;
}
