#include "triage/analyse.h"

#include <string.h>

#include "base/address.h"
#include "triage/checklist.h"
#include "triage/classify.h"
#include "triage/date.h"
#include "triage/evidence.h"
#include "triage/facts.h"
#include "triage/gate.h"
#include "triage/mark.h"
#include "triage/nature.h"
#include "triage/own_text.h"
#include "triage/passage.h"

#define SUBJECT_MAX 500 /* characters kept */
#define NAME_MAX_CHARS 200
#define REPORTS_MAX 100 /* of one case: a mailing to thousands is not listed whole */
#define TICKET_TOKEN_LENGTH 6
#define MINUTE_USEC (60 * G_USEC_PER_SEC)

static char *
valid_address_in(const Mail *mail, const char *field)
{
	const char *value = header_get(mail->header, field);
	if (value == NULL)
		return NULL;
	g_autoptr(GPtrArray) list = header_addresses(value);
	for (guint i = 0; i < list->len; i++) {
		const NameAddr *entry = g_ptr_array_index(list, i);
		if (entry->address != NULL && address_is_valid(entry->address))
			return g_strdup(entry->address);
	}
	return NULL;
}

/* The address an answer goes to: Reply-To's, else From's. The From of certified mail is the
 * provider's robot: without a Reply-To the human is in the enveloped mail. */
static char *
answer_address(const Mail *mail)
{
	const Mail *certified = mark_certified_content(mail);
	char *address = valid_address_in(mail, "Reply-To");
	if (address == NULL && certified != NULL)
		address = valid_address_in(certified, "Reply-To");
	if (address == NULL)
		address =
		        valid_address_in(certified != NULL ? certified : mail, "From");
	return address;
}

/* References, then In-Reply-To, each id once. */
static GStrv
thread_ids(const Header *header)
{
	static const char *const fields[] = { "References", "In-Reply-To" };
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GHashTable) seen =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *value = header_get(header, fields[i]);
		g_auto(GStrv) ids = header_message_ids(value != NULL ? value : "");
		for (char **id = ids; id != NULL && *id != NULL; id++) {
			if (g_hash_table_add(seen, g_strdup(*id)))
				g_strv_builder_add(builder, *id);
		}
	}
	return g_strv_builder_end(builder);
}

/* "Re: ... [TR-K3XW9A]" -> "TR-K3XW9A", in either case. Of several the last one: a new ticket
 * that names an older one gets its own token behind it. */
static char *
ticket_token(const char *subject)
{
	char *token = NULL;
	for (const char *p = strchr(subject, '['); p != NULL; p = strchr(p + 1, '[')) {
		const char *id = p + strlen("[TR-");
		gsize length = 0;
		if (g_ascii_strncasecmp(p, "[TR-", strlen("[TR-")) != 0)
			continue;
		while (g_ascii_isalnum(id[length]))
			length++;
		if (length != TICKET_TOKEN_LENGTH || id[length] != ']')
			continue;
		g_free(token);
		token = g_ascii_strup(p + 1, (gssize)(strlen("TR-") + length));
	}
	return token;
}

static void
note_dates(Case *kase, const Mail *mail)
{
	g_autoptr(GDateTime) arrival = mail_arrival(mail);
	if (mail->date != NULL) {
		kase->date = g_date_time_to_unix(mail->date);
		kase->utc_offset_minutes =
		        (int)(g_date_time_get_utc_offset(mail->date) / MINUTE_USEC);
	}
	if (arrival != NULL)
		kase->arrival = g_date_time_to_unix(arrival);
}

static void
note_mail(Case *kase, const Mail *mail, const AnalyseContext *context)
{
	kase->message_id = g_strdup(mail->message_id);
	kase->subject = text_one_line(mail->subject, SUBJECT_MAX);
	if (mail->from != NULL) {
		kase->from_address = g_strdup(mail->from->address);
		if (mail->from->name != NULL)
			kase->from_name =
			        text_one_line(mail->from->name, NAME_MAX_CHARS);
	}
	kase->reply_to = answer_address(mail);
	g_strfreev(kase->references);
	kase->references = thread_ids(mail->header);
	kase->ticket_token = ticket_token(kase->subject);
	kase->truncated = mail->truncated || context->truncated;
	kase->limit = g_strdup(mail->limit);
	note_dates(kase, mail);
	if (context->received != 0)
		kase->arrival = context->received;
}

static char *
one_line_or_null(const char *text)
{
	return text != NULL ? text_one_line(text, EVIDENCE_TEXT_MAX) : NULL;
}

static char *
first_address(const Header *header, const char *field)
{
	const char *value = header_get(header, field);
	g_autoptr(GPtrArray) list =
	        header_addresses_up_to(value != NULL ? value : "", 1);
	for (guint i = 0; i < list->len; i++) {
		const NameAddr *entry = g_ptr_array_index(list, i);
		if (entry->address != NULL)
			return text_one_line(entry->address, EVIDENCE_TEXT_MAX);
	}
	return NULL;
}

static void
note_original(CaseReport *report, const Header *original)
{
	if (original == NULL)
		return;
	const char *date_field = header_get(original, "Date");
	g_autoptr(GDateTime) date = header_date(date_field != NULL ? date_field : "");
	g_auto(GStrv) ids = NULL;
	if (header_has(original, "Message-ID"))
		ids = header_message_ids(header_get(original, "Message-ID"));

	report->has_original = TRUE;
	report->original_from = first_address(original, "From");
	report->original_to = first_address(original, "To");
	report->original_subject = one_line_or_null(header_get(original, "Subject"));
	report->original_date =
	        date != NULL ? date_iso(g_date_time_to_unix(date)) : NULL;
	if (ids != NULL && ids[0] != NULL)
		report->original_message_id = text_one_line(ids[0], EVIDENCE_TEXT_MAX);
}

static CaseReport *
case_report_of(const Report *report)
{
	CaseReport *out = g_new0(CaseReport, 1);
	out->recipient = one_line_or_null(report->recipient);
	out->action = report->action != ACTION_NONE
	                      ? g_strdup(report_action_name(report->action))
	                      : NULL;
	out->status = g_strdup(report->status);
	out->diagnostic = one_line_or_null(report->diagnostic);
	out->reporting_mta = one_line_or_null(report->reporting_mta);
	out->remote_mta = one_line_or_null(report->remote_mta);
	if (report->date != NULL)
		out->date = date_iso(g_date_time_to_unix(report->date));
	note_original(out, report->original);
	return out;
}

static void
note_reports(Case *kase, const Passages *passages)
{
	for (guint i = 0; i < passages->reports->len && i < REPORTS_MAX; i++)
		g_ptr_array_add(kase->reports,
		        case_report_of(g_ptr_array_index(passages->reports, i)));
}

static void
note_unreadable(Case *kase, const Passages *passages)
{
	for (guint i = 0; i < passages->unreadable->len; i++) {
		const Part *part = g_ptr_array_index(passages->unreadable, i);
		g_ptr_array_add(kase->unreadable,
		        text_one_line(
		                part->filename != NULL ? part->filename : part->type,
		                NAME_MAX_CHARS));
	}
}

/* Whether anything came with the mail that a promise may have meant: a file, a forward, a
 * pasted error. */
static gboolean
something_is_attached(const Case *kase, const Passages *passages)
{
	if (case_item(kase, ITEM_SCREENSHOT) != NULL || passages->headers_given ||
	        passages->reports->len > 0 || passages->unreadable->len > 0)
		return TRUE;
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		if (passage->origin == ORIGIN_ATTACHED ||
		        passage->origin == ORIGIN_FORWARDED ||
		        passage->origin == ORIGIN_PASTED)
			return TRUE;
	}
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped == NULL &&
		        (evidence->origin == ORIGIN_PASTED ||
		                evidence->origin == ORIGIN_DIALOG))
			return TRUE;
	}
	return FALSE;
}

static void
note_cues(Case *kase, const Passages *passages, const Vocabulary *vocabulary)
{
	gboolean answers = kase->references[0] != NULL || kase->ticket_token != NULL;
	kase->thanks = passages_say(passages, vocabulary, CUE_THANKS);
	kase->wants_human = passages_say(passages, vocabulary, CUE_HUMAN_WANTED);
	kase->not_helped =
	        passages_say(passages, vocabulary, CUE_NOT_HELPED) ||
	        (answers && !kase->thanks &&
	                passages_say_in_body(passages, vocabulary, CUE_DONE_ALREADY));
	gboolean promised =
	        passages_say(passages, vocabulary, CUE_PROMISE_ATTACHMENT) ||
	        passages_say(passages, vocabulary, CUE_PROMISE_SCREENSHOT);
	kase->promised_attachment = promised && !something_is_attached(kase, passages);
}

static void
append_words(GString *words, const Passages *passages, Origin origin)
{
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		if (passage->origin == origin && !passage->history &&
		        passage->depth == 0) {
			g_string_append_len(words, passage->folded->text,
			        (gssize)passage->folded->length);
			g_string_append_c(words, ' ');
		}
	}
}

/* The language of the person's own words. A subject alone tells nothing: that of a forwarded
 * report is English whoever forwards it. */
static char *
language_of(const Passages *passages, const Vocabulary *vocabulary)
{
	g_autoptr(GString) words = g_string_new(NULL);
	append_words(words, passages, ORIGIN_WORDS);
	if (words->len > 0)
		append_words(words, passages, ORIGIN_SUBJECT);
	return g_strdup(vocabulary_language(vocabulary, words->str, words->len));
}

/* RFC 5965: somebody complains of a mail that was delivered, so no sending failed. */
static gboolean
is_feedback_report(const Mail *mail)
{
	return mail->root->report_type != NULL &&
	       g_ascii_strcasecmp(mail->root->report_type, "feedback-report") == 0;
}

/* Dates and addresses of a newsletter or a thank-you are nothing that support asks for; a
 * bounce to us still says whose mail failed. */
static void
forget_facts_of_no_ticket(Case *kase, const Mail *mail)
{
	if (g_strcmp0(kase->verdict.class, "not-a-ticket") != 0)
		return;
	if (kase->nature != NATURE_BOUNCE) {
		g_ptr_array_set_size(kase->items, 0);
		return;
	}
	if (!is_feedback_report(mail))
		return;
	for (guint i = kase->items->len; i-- > 0;) {
		const Item *item = g_ptr_array_index(kase->items, i);
		if (item->kind != ITEM_HEADERS)
			g_ptr_array_remove_index(kase->items, i);
	}
}

static void
understand(Case *kase, const Mail *mail, const AnalyseContext *context)
{
	const Vocabulary *vocabulary = context->catalogue->vocabulary;
	const Mail *certified = mark_certified_content(mail);
	const Mail *content = certified != NULL ? certified : mail;
	g_autoptr(Passages) passages =
	        passages_collect(mail, context->settings, vocabulary);
	own_text_take_out(passages, context->catalogue->canned);

	g_clear_pointer(&kase->evidence, g_ptr_array_unref);
	kase->evidence =
	        evidence_collect(passages, context->catalogue, context->settings);
	g_clear_pointer(&kase->items, g_ptr_array_unref);
	kase->items = facts_extract(
	        content, passages, kase->evidence, context->settings, vocabulary);
	note_reports(kase, passages);
	note_unreadable(kase, passages);
	note_cues(kase, passages, vocabulary);
	kase->language = language_of(passages, vocabulary);
	classify(kase, passages, context->catalogue);
	forget_facts_of_no_ticket(kase, mail);
	checklist_check(kase, context->catalogue);
}

Case *
analyse(GBytes *bytes, const AnalyseContext *context, GError **error)
{
	MailLimits limits = MAIL_LIMITS_DEFAULT;
	if (context->settings != NULL && context->settings->limits.parts > 0)
		limits.parts = context->settings->limits.parts;
	if (context->settings != NULL && context->settings->limits.depth > 0)
		limits.depth = context->settings->limits.depth;
	g_autoptr(Mail) mail = mail_parse(bytes, &limits, error);
	if (mail == NULL)
		return NULL;

	Case *kase = case_new();
	note_mail(kase, mail, context);
	kase->nature = nature_of(mail, context->settings,
	        context->catalogue->vocabulary, &kase->nature_why);
	kase->header_gate = gate_of_header(mail, context->settings, &kase->gate_why);
	understand(kase, mail, context);
	return kase;
}
