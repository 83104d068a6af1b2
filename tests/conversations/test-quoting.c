/*
 * Our replies come back under every customer's answer. Whichever way a program quotes them, what
 * they say is never evidence, and what the customer says beside them is found all the same.
 */
#include <string.h>

#include "opening.h"
#include "quoting.h"
#include "talk.h"
#include "tests/shipped.h"
#include "triage/analyse.h"

#define ANSWER "Buongiorno, il destinatario è ordini@fornitore.example.com"
#define RECIPIENT "ordini@fornitore.example.com"

static Case *
analyse_answer(const Talk *talk, const char *answer, const QuotingStyle *style)
{
	const AnalyseContext context = { .catalogue = shipped.catalogue,
		.settings = talk->settings };
	g_autofree char *body = style->write(answer, talk->reply);
	g_autofree char *mail = g_strdup_printf(
	        "From: Anna Bassi <" TALK_CUSTOMER ">\nTo: " TALK_DESK
	        "\nSubject: R: %s\nDate: Wed, 4 Nov 2026 12:00:00 +0100\n"
	        "Message-ID: <answer@example.it>\nIn-Reply-To: %s\n"
	        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n",
	        "Posta", talk->reply_id, body);
	g_autoptr(GBytes) bytes = g_bytes_new(mail, strlen(mail));
	Case *kase = analyse(bytes, &context, NULL);
	assert_non_null(kase);
	return kase;
}

static void
no_evidence(const Case *kase, const char *style)
{
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->class != NULL)
			fail_msg("%s: '%s' counts as %s", style, evidence->text,
			        evidence->class);
	}
}

/* The recipient, and nothing that our own text says. */
static void
only_recipient(const Case *kase, const char *style)
{
	gboolean found = FALSE;
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		if (item->kind == ITEM_RECIPIENT && strcmp(item->value, RECIPIENT) == 0)
			found = TRUE;
		else
			fail_msg("%s: %s is taken to be %s", style,
			        item_name(item->kind), item->value);
	}
	if (!found)
		fail_msg("%s: the recipient was not found", style);
}

static void
test_class(void **state)
{
	const Opening *opening = *state;
	g_autoptr(Talk) talk = talk_new(shipped.catalogue);
	const TalkMail first = { .subject = opening->subject, .body = opening->text };
	talk_deliver(talk, &first);
	assert_true(talk->answered);
	for (const QuotingStyle *style = quoting_styles; style->name != NULL; style++) {
		g_autoptr(Case) kase = analyse_answer(talk, ANSWER, style);
		no_evidence(kase, style->name);
		only_recipient(kase, style->name);
	}
}

/* What the customer repeats of our words, or of an error that we name too, is his own. */
static const struct repeated {
	const char *name, *answer, *class;
} repeated[] = {
	{ "a sentence of ours",
	        "Ho messo la spunta su \"Il server della posta in uscita (SMTP) "
	        "richiede "
	        "l'autenticazione\" ma esce ancora 553 sorry, you need to supply the "
	        "correct "
	        "username and password for SMTP-AUTH (#5.7.1)",
	        "smtp-auth-missing" },
	{ "the error alone",
	        "553 sorry, you need to supply the correct username and password for "
	        "SMTP-AUTH (#5.7.1)",
	        "smtp-auth-missing" },
	{ "another error",
	        "Adesso esce: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected",
	        "spam-detected" },
};

static void
test_repeated(void **state)
{
	const struct repeated *sample = *state;
	g_autoptr(Talk) talk = talk_new(shipped.catalogue);
	const TalkMail first = { .subject = "Posta",
		.body = "553 sorry, you need to supply the correct username and "
		        "password for SMTP-AUTH (#5.7.1)" };
	talk_deliver(talk, &first);
	for (const QuotingStyle *style = quoting_styles; style->name != NULL; style++) {
		g_autoptr(Case) kase = analyse_answer(talk, sample->answer, style);
		if (strcmp(kase->verdict.class, sample->class) != 0)
			fail_msg("%s: %s", style->name, kase->verdict.class);
		gboolean shown = FALSE;
		for (guint i = 0; i < kase->evidence->len; i++) {
			const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
			shown |= evidence->dropped == NULL && evidence->class != NULL;
		}
		if (!shown)
			fail_msg("%s: only the thread tells", style->name);
	}
}

int
main(void)
{
	g_autoptr(GPtrArray) openings = openings_read();
	g_autoptr(GArray) suite = suite_new();
	openings_add(suite, openings, test_class);
	suite_add_table(suite, repeated, test_repeated);
	return suite_run(suite, "quoting", shipped_load, shipped_free);
}
