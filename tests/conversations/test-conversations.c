/*
 * Conversations of five mails, one per class: what becomes of each mail, the tags of all, our
 * replies word for word and what the store keeps must be what stands in expected/CLASS.txt. The first
 * mails stand in the file "openings"; the customer then gives what is missing, in two mails and
 * as different programs quote, finds that it did not help, and says thank you at last. With
 * REWRITE_EXPECTED=1 the files are written anew, and the difference is for a person to read.
 */
#include <string.h>

#include "opening.h"
#include "quoting.h"
#include "store/conversation.h"
#include "store/journal.h"
#include "talk.h"
#include "tests/expected.h"
#include "tests/shipped.h"
#include "triage/conversation_state.h"

/* What the customer says when we ask for it. */
static const struct answer {
	const char *item, *text;
	gboolean picture;
} answers[] = {
	{ "sender", "il mittente è vendite@officinabassi.example.it" },
	{ "recipient", "il destinatario è ordini@fornitore.example.com" },
	{ "error_text", "l'errore completo è: 550 5.7.1 message refused by policy" },
	{ "error_text|screenshot", "la foto dell'errore è in allegato", TRUE },
	{ "screenshot", "la foto dell'errore è in allegato", TRUE },
	{ "date", "l'errore è arrivato il 3 novembre alle 8:30" },
	{ "mailbox", "la casella è vendite@officinabassi.example.it" },
	{ "headers",
	        "le intestazioni sono queste:\n\n"
	        "Return-Path: <ordini@fornitore.example.com>\n"
	        "Received: from mx.fornitore.example.com (mx.fornitore.example.com "
	        "[203.0.113.7])\n\tby mx.provider.example.it with ESMTP id 4Q2x; "
	        "Tue, 3 Nov 2026 08:31:00 +0100\nFrom: ordini@fornitore.example.com\n"
	        "To: vendite@officinabassi.example.it\nSubject: Ordine 12\n"
	        "Date: Tue, 3 Nov 2026 08:30:40 +0100\n"
	        "Message-ID: <ordine12@fornitore.example.com>\n" },
};

static const struct answer *
answer_to(const char *item)
{
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
		if (strcmp(answers[i].item, item) == 0)
			return &answers[i];
	fail_msg("no answer to '%s'", item);
	return NULL;
}

/* Of GString: the customer's words for some of the missing items. */
static void
append_answers(GString *body, char **items, guint from, guint to, gboolean *picture)
{
	for (guint i = from; i < to && items[i] != NULL; i++) {
		const struct answer *answer = answer_to(items[i]);
		g_string_append_printf(
		        body, "%s%s", i > from ? "\n" : "", answer->text);
		*picture |= answer->picture;
	}
}

static char *
without_token(const char *text)
{
	g_autoptr(GRegex) token = g_regex_new(
	        "TR-[0-9A-Z]{6}", G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
	return g_regex_replace_literal(
	        token, text, -1, 0, "TR-XXXXXX", G_REGEX_MATCH_DEFAULT, NULL);
}

static void
tell_lines(GString *out, const char *mark, const char *text)
{
	g_autofree char *plain = without_token(text);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(plain), "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		g_autofree char *one = g_strconcat(mark, g_strchomp(*line), NULL);
		g_string_append_printf(out, "%s\n", g_strchomp(one));
	}
}

static void
tell_mail(GString *out, Talk *talk, gint64 id)
{
	g_autoptr(JournalMail) mail = journal_get(talk->store, id, NULL);
	g_string_append_printf(out, "class %s%s%s, missing: %s\n", mail->class,
	        mail->detail != NULL ? "/" : "",
	        mail->detail != NULL ? mail->detail : "",
	        mail->missing == NULL    ? "-"
	        : *mail->missing == '\0' ? "nothing"
	                                 : mail->missing);
	for (guint32 uid = 1; uid <= talk->uid; uid++) {
		g_autofree char *flags = talk_flags(talk, uid);
		g_string_append_printf(out, "tags of %u: %s\n", uid, flags);
	}
	g_string_append_printf(out, "%s: %s\n", mail->action, mail->reason);
	if (talk->answered)
		tell_lines(out, "| ", talk->reply);
}

/* The journal and the server must agree. */
static void
check_tags(Talk *talk)
{
	for (guint32 uid = 1; uid <= talk->uid; uid++) {
		Place place = { talk->mailbox.name, talk->mailbox.folder, 1, uid };
		gint64 id;
		assert_true(journal_find_place(talk->store, &place, &id, NULL));
		g_autoptr(JournalMail) mail = journal_get(talk->store, id, NULL);
		g_autofree char *flags = talk_flags(talk, uid);
		g_auto(GStrv) left = g_strsplit(flags, " ", 0);
		g_auto(GStrv) right = g_strsplit(mail->tags, " ", 0);
		assert_int_equal(g_strv_length(left), g_strv_length(right));
		for (char **tag = right; *tag != NULL; tag++)
			assert_true(g_strv_contains((const char *const *)left, *tag));
	}
}

static gint64
say(GString *out, Talk *talk, const TalkMail *mail, const char *style)
{
	const QuotingStyle *quoting = style != NULL ? quoting_find(style) : NULL;
	g_autofree char *body = quoting != NULL
	                                ? quoting->write(mail->body, talk->reply)
	                                : g_strdup(mail->body);
	TalkMail whole = *mail;
	whole.body = body;
	g_string_append_printf(out, "\n== Mail %u%s%s%s\n", talk->uid + 1,
	        style != NULL ? ", quoted as by " : "", style != NULL ? style : "",
	        mail->picture ? ", with a picture" : "");
	tell_lines(out, "> ", mail->body);
	gint64 id = talk_deliver(talk, &whole);
	tell_mail(out, talk, id);
	check_tags(talk);
	return id;
}

static void
tell_items(GString *out, const char *title, const GPtrArray *items)
{
	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		g_string_append_printf(out, "%s %s: %s (mail %u)\n", title,
		        item_name(item->kind), item->value, item->mail);
	}
}

static void
tell_state(GString *out, Talk *talk)
{
	g_autoptr(Conversation) known = conversation_get(talk->store, 1, NULL);
	g_autoptr(ConversationState) state =
	        conversation_state_unpack(known->data, NULL);
	g_string_append_printf(out, "\n== The conversation: %s%s%s, %u replies\n",
	        known->state, known->reason != NULL ? ", " : "",
	        known->reason != NULL ? known->reason : "", state->replies);
	tell_items(out, "known", state->items);
	tell_items(out, "replaced", state->replaced);
	for (guint i = 0; i < state->contradictions->len; i++) {
		const Contradiction *one = g_ptr_array_index(state->contradictions, i);
		g_string_append_printf(out,
		        "contradiction %s: %s (mail %u), %s (mail %u)\n",
		        item_name(one->kind), one->old_value, one->old_mail,
		        one->new_value, one->new_mail);
	}
	for (guint i = 0; i < state->changes->len; i++) {
		const ClassChange *change = g_ptr_array_index(state->changes, i);
		g_string_append_printf(out, "class %s became %s (mail %u)\n",
		        change->from, change->to, change->mail);
	}
}

/* The second and third mail of a customer whom we asked for something. */
static void
give_what_is_missing(GString *out, Talk *talk, const char *missing, const char *subject,
        const char *const *styles)
{
	g_auto(GStrv) items = g_strsplit(missing, ",", 0);
	g_autoptr(GString) second = g_string_new("Buongiorno, ");
	g_autoptr(GString) third = g_string_new("Buongiorno, vi rispondo: ");
	TalkMail mail = { .subject = subject, .answers = TRUE };
	append_answers(second, items, 0, 1, &mail.picture);
	mail.body = second->str;
	say(out, talk, &mail, styles[0]);
	mail.picture = FALSE;
	if (strcmp(items[0], "sender") == 0)
		g_string_append(third, "mi correggo, il mittente è "
		                       "info@officinabassi.example.it\n");
	append_answers(third, items, 1, G_MAXUINT32, &mail.picture);
	if (items[1] == NULL)
		g_string_assign(third, "Mi correggo: l'errore è arrivato il 2 novembre "
		                       "alle 9:15, non il 3.");
	mail.body = third->str;
	say(out, talk, &mail, styles[1]);
}

/* A customer whom we asked for nothing writes on all the same. */
static void
write_on(GString *out, Talk *talk, const char *subject, const char *const *styles)
{
	TalkMail mail = { .subject = subject, .answers = TRUE };
	mail.body = "Aggiungo che il destinatario è ordini@fornitore.example.com, "
	            "e l'errore è arrivato ieri alle 15.";
	say(out, talk, &mail, styles[0]);
	mail.body = "Vi mando anche la foto della schermata.";
	mail.picture = TRUE;
	say(out, talk, &mail, styles[1]);
}

static char *
hold_conversation(const Opening *opening)
{
	guint count = 0;
	while (quoting_styles[count].name != NULL)
		count++;
	const char *styles[4];
	for (guint i = 0; i < G_N_ELEMENTS(styles); i++)
		styles[i] = quoting_styles[(opening->number * 3 + i) % count].name;
	g_autoptr(Talk) talk = talk_new(shipped.catalogue);
	g_autofree char *subject = g_strdup_printf("R: %s", opening->subject);
	GString *out = g_string_new(NULL);
	TalkMail mail = { .subject = opening->subject, .body = opening->text };

	g_string_append_printf(out, "# %s\n", opening->class);
	gint64 first = say(out, talk, &mail, NULL);
	g_autoptr(JournalMail) begun = journal_get(talk->store, first, NULL);
	const char *named = begun->detail != NULL ? begun->detail : begun->class;
	if (strcmp(named, opening->class) != 0)
		fail_msg("the opening is taken for '%s'", named);
	if (begun->missing != NULL && *begun->missing != '\0')
		give_what_is_missing(out, talk, begun->missing, subject, styles);
	else
		write_on(out, talk, subject, styles);
	TalkMail last = { .subject = subject, .answers = TRUE };
	last.body = "Ho già fatto tutto, ma non funziona lo stesso.";
	say(out, talk, &last, styles[2]);
	last.body = "Perfetto, ora funziona. Grazie mille per l'aiuto!";
	say(out, talk, &last, styles[3]);
	tell_state(out, talk);
	return g_string_free(out, FALSE);
}

static void
test_conversation(void **state)
{
	const Opening *opening = *state;
	g_autofree char *name = g_strconcat("expected/", opening->class, ".txt", NULL);
	g_autofree char *file = openings_file(name);
	g_autofree char *found = hold_conversation(opening);
	expected_check(file, found);
}

/* No class is left out. */
static void
test_every_class(void **state)
{
	const GPtrArray *openings = *state;
	for (guint i = 0; i < shipped.catalogue->classes->len; i++) {
		const Class *class = g_ptr_array_index(shipped.catalogue->classes, i);
		gboolean there = FALSE;
		for (guint k = 0; k < openings->len; k++)
			there |= strcmp(((Opening *)openings->pdata[k])->class,
			                 class->id) == 0;
		if (!there)
			fail_msg("no conversation for class '%s'", class->id);
	}
}

int
main(void)
{
	g_autoptr(GPtrArray) openings = openings_read();
	g_autoptr(GArray) suite = suite_new();
	openings_add(suite, openings, test_conversation);
	suite_add(suite, { "every class", test_every_class, NULL, NULL, openings });
	return suite_run(suite, "conversations", shipped_load, shipped_free);
}
