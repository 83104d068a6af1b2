#include "triage/ticket.h"

#include <string.h>

#define CONFIDENCE_MACHINE 0.99   /* a machine's mail is no ticket */
#define CONFIDENCE_UNKNOWN 0.8    /* an error text that nobody knows */
#define CONFIDENCE_COMPLAINT 0.7  /* a problem, and no error at all */
#define CONFIDENCE_NO_TICKET 0.85 /* business, thanks */
#define CONFIDENCE_NOTHING 0.65   /* nothing speaks for anything */

/* Whether something besides words speaks: an error text, a report, a picture. */
static gboolean
shows_an_error(const Judge *judge)
{
	const Case *kase = judge->kase;
	if (kase->reports->len > 0 || case_item(kase, ITEM_SCREENSHOT) != NULL)
		return TRUE;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped == NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_follow_up(const Judge *judge)
{
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		if (passage->history)
			return TRUE;
	}
	return judge->kase->references[0] != NULL || judge->kase->ticket_token != NULL;
}

/* "Risposta automatica: Problema invio" repeats the subject of the mail that it answers, ours
 * perhaps: then only the body can report a problem. */
gboolean
ticket_reports_a_problem(const Judge *judge)
{
	const Vocabulary *vocabulary = judge->catalogue->vocabulary;
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		gsize start = 0, end = 0;
		if (passage->origin == ORIGIN_SUBJECT && passage->depth == 0 &&
		        vocabulary_find(vocabulary, CUE_AUTO_REPLY,
		                passage->folded->text, passage->folded->length, &start,
		                &end))
			return passages_say_in_body(
			        judge->passages, vocabulary, CUE_PROBLEM);
	}
	return judge_hears(judge, CUE_PROBLEM);
}

/* A follow-up that brings data without naming the error again. */
static gboolean
brings_facts(const Judge *judge)
{
	for (guint i = 0; is_follow_up(judge) && i < judge->kase->items->len; i++) {
		const Item *item = g_ptr_array_index(judge->kase->items, i);
		if (item->origin != ORIGIN_QUOTED && item->origin != ORIGIN_SUBJECT)
			return TRUE;
	}
	return FALSE;
}

gboolean
ticket_goes_on(const Judge *judge)
{
	return judge->problem || judge->kase->not_helped || judge->kase->wants_human ||
	       brings_facts(judge) || shows_an_error(judge) ||
	       judge_hears(judge, CUE_PROMISE_ATTACHMENT) ||
	       judge_hears(judge, CUE_PROMISE_SCREENSHOT);
}

/* Whether everything that speaks is a passing word: sales talk about "spam detected". */
static gboolean
only_words_speak(const Judge *judge)
{
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		if (evidence->dropped == NULL && evidence->origin != ORIGIN_WORDS &&
		        evidence->origin != ORIGIN_SUBJECT)
			return FALSE;
	}
	return judge->kase->reports->len == 0;
}

static gboolean
stands_in_a_quote(const Judge *judge, const Evidence *evidence)
{
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		if (passage->line_count > 0 && passage->origin == evidence->origin &&
		        g_strcmp0(passage->part, evidence->part) == 0 &&
		        evidence->line >= passage->lines[0] &&
		        evidence->line <= passage->lines[passage->line_count - 1])
			return passage->depth > 0 || passage->history;
	}
	return FALSE;
}

/* "We have registered your message", and under it ours, quoted: nothing in it is new. */
static gboolean
acknowledges_a_quote(const Judge *judge)
{
	const Case *kase = judge->kase;
	if (judge->problem || kase->reports->len > 0 ||
	        !passages_say_in_body(
	                judge->passages, judge->catalogue->vocabulary, CUE_AUTO_REPLY))
		return FALSE;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped == NULL && evidence->origin != ORIGIN_SUBJECT &&
		        !stands_in_a_quote(judge, evidence))
			return FALSE;
	}
	return is_follow_up(judge);
}

/* Whether the words ask to follow a link. */
static gboolean
has_link(const Judge *judge)
{
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		if (passage->origin == ORIGIN_WORDS && passage->depth == 0 &&
		        (strstr(passage->folded->text, "http://") != NULL ||
		                strstr(passage->folded->text, "https://") != NULL))
			return TRUE;
	}
	return FALSE;
}

/* "Your request "[Ticket 1] 553 SMTP-AUTH" has been received. This mail was sent by a machine":
 * what it names is the name of our mail. */
static gboolean
acknowledges_by_itself(const Judge *judge)
{
	const Vocabulary *vocabulary = judge->catalogue->vocabulary;

	return judge->kase->reports->len == 0 && judge->kase->items->len == 0 &&
	       passages_say_in_body(judge->passages, vocabulary, CUE_ACKNOWLEDGEMENT);
}

static gboolean
conclude_no_ticket(Judge *judge, double confidence, const char *reason)
{
	judge_add_reason(judge, "%s", reason);
	judge_conclude(judge, CLASS_NOT_A_TICKET, confidence);
	return TRUE;
}

/* Cues speak only where no error does, and where nothing is said to be wrong. */
gboolean
ticket_is_none(Judge *judge)
{
	gboolean classless = judge->candidates->len == 0;
	if (judge->kase->nature != NATURE_PERSON)
		return conclude_no_ticket(judge, CONFIDENCE_MACHINE,
		        "the mail was not written by a person");
	if (judge->kase->header_gate == GATE_SPAM && only_words_speak(judge) &&
	        (judge_hears(judge, CUE_BULK) || (classless && has_link(judge))))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "a filter took it for spam, and it reads like that");
	if (only_words_speak(judge) && judge_hears(judge, CUE_STRANGER))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "somebody applies for work or sells: no customer's mail");
	if (acknowledges_a_quote(judge) || acknowledges_by_itself(judge))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it reads like an automatic answer to what it quotes");
	if (judge->problem || !only_words_speak(judge))
		return FALSE;
	if (judge->kase->thanks && !judge->kase->not_helped && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "a thank-you: what it quotes is over");
	if (judge_hears(judge, CUE_BULK))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it reads like advertising, and reports no problem");
	if (judge_hears(judge, CUE_AUTO_REPLY) && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it reads like an automatic answer, and reports no problem");
	if (judge_hears(judge, CUE_OTHER_BUSINESS) && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it is about other business, and reports no mail problem");
	return FALSE;
}

void
ticket_conclude_without_class(Judge *judge)
{
	if (shows_an_error(judge)) {
		judge_add_reason(judge, "an error is shown, but no class explains it");
		judge_conclude(judge, CLASS_UNKNOWN, CONFIDENCE_UNKNOWN);
	} else if (ticket_goes_on(judge)) {
		judge_add_reason(
		        judge, "a mail problem is reported, but no error is named");
		judge_conclude(judge, CLASS_UNKNOWN, CONFIDENCE_COMPLAINT);
	} else if (judge_hears(judge, CUE_THANKS_ALONE)) {
		judge_add_reason(judge, "a thank-you and nothing else");
		judge->kase->thanks = TRUE;
		judge_conclude(judge, CLASS_NOT_A_TICKET, CONFIDENCE_NO_TICKET);
	} else {
		judge_add_reason(judge, "nothing in it reports a mail problem");
		judge_conclude(judge, CLASS_NOT_A_TICKET, CONFIDENCE_NOTHING);
	}
}
