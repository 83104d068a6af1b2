#include "mail/report_text.h"

#include <string.h>

#include "base/text.h"
#include "mail/diagnostic.h"
#include "mail/report_fields.h"
#include "mail/report_layout.h"

/* Sentences by which a mailer says who it is. */
static const char *const reporter_phrases[] = { "this is the mail system at host ",
	"this is the postfix program at host ", "this is the qmail-send program at ",
	"generating server: ", "delivery status notification from ",
	"this is the mail server on ", "this is the mail delivery agent at " };

static gboolean
notice_is_delayed(const Notice *notice)
{
	for (guint i = notice->start; i < notice->end; i++)
		if (phrase_within(
		            PHRASE_DELAYED, &notice->lines->at[i], notice->markers))
			return TRUE;
	return FALSE;
}

/* What stands behind the first of the phrases in a line, or NULL. */
static const char *
behind_reporter_phrase(const char *folded)
{
	/* one of these stands in each of them, and in hardly any other line */
	if (strstr(folded, "this is the ") == NULL &&
	        strstr(folded, "server: ") == NULL && strstr(folded, " from ") == NULL)
		return NULL;
	for (gsize k = 0; k < G_N_ELEMENTS(reporter_phrases); k++) {
		const char *found = strstr(folded, reporter_phrases[k]);
		if (found != NULL)
			return found + strlen(reporter_phrases[k]);
	}
	return NULL;
}

static char *
notice_reporter(const Notice *notice)
{
	for (guint i = notice->start; i < notice->end; i++) {
		const char *host = behind_reporter_phrase(notice->lines->at[i].folded);
		if (host == NULL)
			continue;
		gsize length = strcspn(host, " ,;:<>()");
		while (length > 0 && host[length - 1] == '.')
			length--;
		return g_strndup(host, length);
	}
	return NULL;
}

/* NULL when it is known. */
static Report *
report_of_failure(
        const Notice *notice, const Failure *failure, const TextSource *source)
{
	g_autoptr(Report) report = g_new0(Report, 1);
	if (failure->address[0] != '\0')
		report->recipient = g_strdup(failure->address);
	report->diagnostic = diagnostic_unfold(failure->words);
	if (report_is_known(source->known, report))
		return NULL;
	report->part = g_strdup(source->part);
	report->line = failure->line;
	report->layout = g_strdup(notice->layout != NULL ? notice->layout : "generic");
	report->status = diagnostic_status(report->diagnostic);
	if (report->status == NULL)
		report->status = g_strdup(failure->status);
	report->sender = g_strdup(failure->sender);
	report->reply_code = diagnostic_reply_code(report->diagnostic);
	report->remote_mta = diagnostic_host(report->diagnostic);
	return g_steal_pointer(&report);
}

static void
add_known(Notice *notice, const GPtrArray *addresses)
{
	for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
		Failure *failure =
		        notice_add(notice, addresses->pdata[i], notice->start);
		if (failure != NULL)
			failure->listed = TRUE;
	}
}

/* A text that no layout knows is a report only where a server's refusal stands behind an
 * address: "<a@b>: host x said: 550 no". */
static void
drop_unsure(Notice *notice)
{
	for (guint i = notice->failures->len; i-- > 0;)
		if (((Failure *)notice->failures->pdata[i])->worth < WORDS_REPLY)
			g_ptr_array_remove_index(notice->failures, i);
}

/* Nobody is listed: look for sentences, then for whoever is left to be meant. A text that is
 * surely a report is one even when it names nobody at all. */
static void
read_unlisted(Notice *notice, gboolean sure)
{
	notice_read_prose(notice);
	if (notice->failures->len == 0 && sure)
		notice_read_any(notice);
	if (notice->failures->len == 0 && sure)
		notice_add(notice, "", MIN(notice->start, notice->lines->count - 1));
	notice_read_transcript(notice);
}

static void
read_notice(Notice *notice, const GPtrArray *addresses, gboolean sure)
{
	notice_read_log(notice);
	notice_read_blocks(notice);
	if (notice->layout == NULL && !sure) {
		drop_unsure(notice);
		notice_best(notice);
		return;
	}
	add_known(notice, addresses);
	notice_read_transcript(notice);
	if (g_strcmp0(notice->layout, "amazonses") == 0)
		notice_read_json(notice);
	notice_best(notice);
	if (notice->failures->len == 0)
		read_unlisted(notice, sure);
	notice_read_reasons(notice);
	notice_best(notice);
}

void
reports_attach_original(GPtrArray *reports, guint first, const Header *original)
{
	guint last = MIN(reports->len, first + ORIGINALS_MAX);
	for (guint i = first; original != NULL && i < last; i++) {
		Report *report = reports->pdata[i];
		if (report->original == NULL)
			report->original = header_share(original);
	}
}

static char *
without_space(const char *text)
{
	char *out = g_malloc(strlen(text) + 1), *end = out;
	for (; *text != '\0'; text++)
		if (!g_ascii_isspace(*text))
			*end++ = g_ascii_tolower(*text);
	*end = '\0';
	return out;
}

/* The human part's words are better when they hold the machine part's and more around them
 * (the host, the command), or name the cause where the machine only says that time ran out. */
static gboolean
words_are_better(const Report *report, const Report *said)
{
	if (said->diagnostic == NULL)
		return FALSE;
	if (report->diagnostic == NULL)
		return TRUE;
	g_autofree char *words = without_space(said->diagnostic);
	g_autofree char *machine = without_space(report->diagnostic);
	if (strstr(words, machine) != NULL)
		return TRUE;
	return report->status != NULL && g_str_has_suffix(report->status, ".4.7") &&
	       said->status != NULL && strcmp(said->status, report->status) != 0;
}

static void
take_words(Report *report, const Report *said)
{
	g_free(report->diagnostic);
	report->diagnostic = g_strdup(said->diagnostic);
	g_autofree char *status = report->status;
	report->status = diagnostic_choose_status(status, report->diagnostic);
	g_free(report->reply_code);
	report->reply_code = diagnostic_reply_code(report->diagnostic);
	if (report->remote_mta == NULL)
		report->remote_mta = g_strdup(said->remote_mta);
	g_free(report->part);
	report->part = g_strdup(said->part);
	report->line = said->line;
}

static GHashTable *
index_by_recipient(const GPtrArray *reports)
{
	GHashTable *index =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = reports->len; i-- > 0;) {
		Report *report = reports->pdata[i];
		if (report->recipient != NULL)
			g_hash_table_insert(
			        index, text_lower(report->recipient, -1), report);
	}
	return index;
}

static const Report *
find_recipient(GHashTable *index, const char *recipient)
{
	if (recipient == NULL)
		return NULL;
	g_autofree char *key = text_lower(recipient, -1);
	return g_hash_table_lookup(index, key);
}

/* The human part may name another address than the machine's: Domino the one that was
 * written to, others one behind it. Both are kept. */
static void
take_recipient(Report *report, const Report *said)
{
	if (report->recipient == NULL) {
		report->recipient = g_strdup(said->recipient);
		return;
	}
	if (report->original_recipient != NULL || said->recipient == NULL ||
	        g_ascii_strcasecmp(report->recipient, said->recipient) == 0)
		return;
	report->original_recipient = g_strdup(said->recipient);
	if (strcmp(said->layout, "domino") == 0) {
		char *final = report->recipient;
		report->recipient = report->original_recipient;
		report->original_recipient = final;
	}
}

void
reports_enrich(GPtrArray *reports, const GPtrArray *said)
{
	g_autoptr(GHashTable) index = index_by_recipient(said);
	for (guint i = 0; i < reports->len; i++) {
		Report *report = reports->pdata[i];
		const Report *same = find_recipient(index, report->recipient);
		if (same == NULL)
			same = find_recipient(index, report->original_recipient);
		if (same == NULL && reports->len == 1 && said->len == 1)
			same = said->pdata[0];
		if (same == NULL)
			continue;
		take_recipient(report, same);
		if (words_are_better(report, same))
			take_words(report, same);
	}
}

static void
read_human_part(Notice *notice, const TextSource *source, GPtrArray *said)
{
	for (guint i = 0; i < notice->failures->len; i++) {
		const Failure *failure = notice->failures->pdata[i];
		Report *report = report_of_failure(notice, failure, source);
		if (report == NULL)
			continue;
		report->action = failure->delayed ? ACTION_DELAYED : ACTION_FAILED;
		g_ptr_array_add(said, report);
	}
	/* as in most forwards: nobody asks then who reports and whether it is late */
	if (said->len == 0)
		return;
	g_autofree char *reporter = notice_reporter(notice);
	gboolean delayed = notice_is_delayed(notice);
	for (guint i = 0; i < said->len; i++) {
		Report *report = said->pdata[i];
		report->reporting_mta = g_strdup(reporter);
		if (delayed)
			report->action = ACTION_DELAYED;
	}
}

static void
drop_known(GPtrArray *reports, const GPtrArray *known)
{
	for (guint i = reports->len; i-- > 0;)
		if (report_is_known(known, reports->pdata[i]))
			g_ptr_array_remove_index(reports, i);
}

static void
move_reports(GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		Report *report = from->pdata[i];
		if (to->len < MAIL_REPORTS_MAX)
			g_ptr_array_add(to, report);
		else
			report_free(report);
	}
	g_ptr_array_set_free_func(from, NULL);
	g_ptr_array_set_size(from, 0);
	g_ptr_array_set_free_func(from, (GDestroyNotify)report_free);
}

/* Whether a text may tell of a failure at all: somebody, or Exim's file or pipe, is named. */
static gboolean
lines_name_any(const Lines *lines)
{
	for (guint i = 0; i < lines->count; i++)
		if (strchr(lines->at[i].text, '@') != NULL ||
		        line_names_file(&lines->at[i]))
			return TRUE;
	return FALSE;
}

/* What the notice says, as reports or to the reports of the machine's part. */
static guint
read_all(Notice *notice, const TextSource *source, GPtrArray *machine,
        GPtrArray *reports)
{
	g_autoptr(GPtrArray) said =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	TextSource asked = *source;
	/* beyond that it counts which ones are the first */
	if (machine->len > 0 || notice->failures->len > ORIGINALS_MAX)
		asked.known = NULL;
	read_human_part(notice, &asked, said);
	guint found = machine->len > 0 ? machine->len : notice->failures->len;
	GPtrArray *best = machine->len > 0 ? machine : said;
	if (machine->len > 0) {
		reports_enrich(machine, said);
		drop_known(machine, found > ORIGINALS_MAX ? NULL : source->known);
	}
	if (best->len > 0)
		reports_attach_original(best, 0, notice_original(notice));
	move_reports(reports, best);
	return found;
}

guint
report_text_read(const Lines *lines, const TextSource *source, GPtrArray *reports)
{
	g_autoptr(GPtrArray) machine =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	report_fields_read(lines, source->part, machine);
	if (!source->sure && machine->len == 0 && !lines_name_any(lines))
		return 0;
	g_autoptr(Notice) notice = notice_new(lines, source->original, source->markers);
	read_notice(notice, source->addresses, source->sure || machine->len > 0);
	guint found = read_all(notice, source, machine, reports);
	if (source->returned != NULL)
		*source->returned = notice_take_original(notice);
	return found;
}

static guint
count_rows(const char *words)
{
	guint count = 1;
	for (; words != NULL && *words != '\0'; words++)
		count += *words == '\n';
	return count;
}

/* The row behind the words of the last failure. */
static guint
failures_extent(const Notice *notice)
{
	const Lines *lines = notice->lines;
	guint extent = 0;
	for (guint i = 0; i < notice->failures->len; i++) {
		const Failure *failure = notice->failures->pdata[i];
		guint first = failure->head;
		while (first < lines->count && lines->at[first].number < failure->line)
			first++;
		guint rows =
		        failure->rows > 0 ? failure->rows : count_rows(failure->words);
		guint last = first + rows;
		extent = MAX(extent, MAX(failure->head + 1, last));
	}
	return extent;
}

guint
report_text_extent(const Lines *lines, gboolean sure, const Markers *markers)
{
	g_autoptr(Notice) notice = notice_new(lines, NULL, markers);
	read_notice(notice, NULL, sure);
	guint fields = report_fields_extent(lines);
	guint extent = MAX(failures_extent(notice), fields);
	if (extent == 0)
		return 0;
	gboolean returned = notice_has_returned(notice);
	return returned ? lines->count : MIN(extent, lines->count);
}
