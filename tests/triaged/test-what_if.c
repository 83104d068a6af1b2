/* What another mode would have done: the gates as recorded, the mode and the limits anew. */
#include "config.h"

#include "tests/suite.h"
#include "triaged/report_what_if.h"

#define NOW (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)

/* Three classes written down here; the finer one has its parent's mode. */
static Class classes[] = {
	{ .id = (char *)"careful", .mode = MODE_TAG },
	{ .id = (char *)"drafted", .mode = MODE_DRAFT },
	{ .id = (char *)"finer", .parent = (char *)"drafted", .mode = MODE_SEND },
	{ .id = (char *)"free", .mode = MODE_SEND },
};

static Catalogue *
make_catalogue(void)
{
	Catalogue *catalogue = g_new0(Catalogue, 1);
	catalogue->classes = g_ptr_array_new();
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
		g_ptr_array_add(catalogue->classes, &classes[i]);
	return catalogue;
}

static void
drop_catalogue(Catalogue *catalogue)
{
	g_ptr_array_unref(catalogue->classes);
	g_free(catalogue);
}

static const struct sample {
	const char *name, *class, *detail, *action, *reason;
	Mode mode;
	What wanted;
	const char *why;
} samples[] = {
	{ "observed, now sent", "free", NULL, "hold", "mode observe", MODE_SEND,
	        WHAT_SEND, NULL },
	{ "observed, now drafted", "free", NULL, "hold", "mode observe", MODE_DRAFT,
	        WHAT_DRAFT, NULL },
	{ "observed, now tagged", "free", NULL, "hold", "mode observe", MODE_TAG,
	        WHAT_HOLD, "mode tag" },
	{ "sent, now drafted", "free", NULL, "send", "checklist complete", MODE_DRAFT,
	        WHAT_DRAFT, NULL },
	{ "drafted, now sent", "free", NULL, "draft", "mode draft", MODE_SEND,
	        WHAT_SEND, NULL },
	{ "a class that only drafts", "drafted", NULL, "hold", "mode observe",
	        MODE_SEND, WHAT_DRAFT, NULL },
	{ "a finer class has its parent's mode", "drafted", "finer", "hold",
	        "mode observe", MODE_SEND, WHAT_DRAFT, NULL },
	{ "a class that only tags", "careful", NULL, "hold", "mode observe", MODE_SEND,
	        WHAT_HOLD, "class" },
	{ "a class that is gone", "gone", NULL, "hold", "mode tag", MODE_SEND,
	        WHAT_SEND, NULL },
	{ "a gate holds", "free", NULL, "hold", "low-confidence", MODE_SEND, WHAT_HOLD,
	        "low-confidence" },
	{ "a gate suppresses", "free", NULL, "suppress", "list", MODE_SEND,
	        WHAT_SUPPRESS, "list" },
	{ "not analysed", NULL, NULL, NULL, NULL, MODE_SEND, WHAT_HOLD, "error" },
};

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Settings) settings = settings_default();
	Catalogue *catalogue = make_catalogue();
	WhatIf *what_if = what_if_new(settings, catalogue, sample->mode);
	ReportMail mail = { .seen_at = NOW,
		.class = sample->class,
		.detail = sample->detail,
		.action = sample->action,
		.reason = sample->reason };
	const char *reason;
	assert_int_equal(what_if_ask(what_if, &mail, &reason), sample->wanted);
	if (sample->why != NULL)
		assert_string_equal(reason, sample->why);
	what_if_free(what_if);
	drop_catalogue(catalogue);
}

/* Mails of these senders and conversations, so many minutes apart. */
static void
assert_sent(const Settings *settings, Mode mode, guint count, guint senders,
        gint64 conversations, gint64 minutes, guint wanted, const char *why)
{
	Catalogue *catalogue = make_catalogue();
	WhatIf *what_if = what_if_new(settings, catalogue, mode);
	guint answered = 0;
	for (guint i = 0; i < count; i++) {
		g_autofree char *from = g_strdup_printf("%u@example.it", i % senders);
		const char *reason;
		ReportMail mail = { .seen_at = NOW + i * minutes * G_TIME_SPAN_MINUTE,
			.conversation = 1 + i % conversations,
			.from_address = from,
			.class = "free",
			.action = "hold",
			.reason = "mode observe" };
		What what = what_if_ask(what_if, &mail, &reason);
		answered += what == WHAT_SEND || what == WHAT_DRAFT;
		if (what == WHAT_HOLD)
			assert_string_equal(reason, why);
	}
	assert_int_equal(answered, wanted);
	what_if_free(what_if);
	drop_catalogue(catalogue);
}

static void
test_limits(void **state)
{
	(void)state;
	g_autoptr(Settings) settings = settings_default();
	settings->reply.per_sender_messages = 5;
	settings->reply.per_sender_hours = 24;
	settings->reply.per_conversation_messages = 3;
	settings->reply.global_messages = 20;
	settings->reply.global_minutes = 20;
	assert_sent(settings, MODE_SEND, 10, 1, 1000, 1, 5, "sender-limit");
	/* the window goes on: five in each day of ten mails */
	assert_sent(settings, MODE_SEND, 20, 1, 1000, 144, 10, "sender-limit");
	assert_sent(settings, MODE_SEND, 10, 1000, 1, 1, 3, "conversation-limit");
	assert_sent(settings, MODE_SEND, 50, 1000, 1000, 0, 20, "global-limit");
	/* nobody is answered by a draft */
	assert_sent(settings, MODE_DRAFT, 50, 1, 1, 0, 50, "");
	settings->reply.per_sender_messages = 0;
	settings->reply.per_conversation_messages = 0;
	settings->reply.global_messages = 0;
	assert_sent(settings, MODE_SEND, 50, 1, 1, 0, 50, "");
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_sample);
	suite_add(suite, cmocka_unit_test(test_limits));
	return suite_run(suite, "what_if", NULL, NULL);
}
