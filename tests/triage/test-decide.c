#include <string.h>

#include "mail/mail.h"
#include "tests/suite.h"
#include "triage/decide.h"

#define NOW 1794300000
#define HOUR 3600

/* A catalogue of four classes, written down here: decide() must not depend on the shipped one. */
static Class classes[] = {
	{ .id = (char *)"spam-detected",
	        .tag = (char *)"triage-spam-detected",
	        .mode = MODE_SEND },
	{ .id = (char *)"drafted", .tag = (char *)"triage-other", .mode = MODE_DRAFT },
	{ .id = (char *)"tagged", .tag = (char *)"triage-tagged", .mode = MODE_TAG },
	{ .id = (char *)"unknown", .tag = (char *)"triage-unknown", .mode = MODE_SEND },
	{ .id = (char *)"finer",
	        .parent = (char *)"unknown",
	        .tag = (char *)"triage-finer",
	        .mode = MODE_DRAFT },
};

static const Turn adds = { .follow_up = TRUE,
	.answered = TRUE,
	.takes_part = TRUE,
	.news = TRUE,
	.told = TRUE };
static const Turn adds_nothing = {
	.follow_up = TRUE, .answered = TRUE, .takes_part = TRUE, .told = TRUE
};
static const Turn changes = {
	.follow_up = TRUE, .answered = TRUE, .takes_part = TRUE, .news = TRUE
};
static const Turn after_agent = {
	.follow_up = TRUE, .takes_part = TRUE, .news = TRUE, .before = PHASE_AGENT
};
static const Turn after_hand_over = {
	.follow_up = TRUE, .takes_part = TRUE, .news = TRUE, .before = PHASE_HANDED_OVER
};
static const Turn beside = { .follow_up = TRUE, .answered = TRUE };

static const struct sample {
	const char *name;
	const char *class, *detail;
	double confidence;
	Mode mode;
	Gate header_gate;
	History history;
	ReplyAction action;
	const char *reason, *tag, *outcome, *template;
} samples[] = {
	{ "sent", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE, { 0 }, REPLY_SEND,
	        "checklist incomplete", "triage-spam-detected", NULL },
	{ "draft by setting", "spam-detected", NULL, 0.9, MODE_DRAFT, GATE_NONE, { 0 },
	        REPLY_DRAFT, "mode draft", "triage-spam-detected", NULL },
	{ "tag by setting", "spam-detected", NULL, 0.9, MODE_TAG, GATE_NONE, { 0 },
	        REPLY_HOLD, "mode tag", "triage-spam-detected", "triage-held" },
	{ "observe by setting", "spam-detected", NULL, 0.9, MODE_OBSERVE, GATE_NONE,
	        { 0 }, REPLY_HOLD, "mode observe", "triage-spam-detected",
	        "triage-held" },
	{ "draft by class", "drafted", NULL, 0.9, MODE_SEND, GATE_NONE, { 0 },
	        REPLY_DRAFT, "class", "triage-other", NULL },
	{ "held by class", "tagged", NULL, 0.9, MODE_SEND, GATE_NONE, { 0 }, REPLY_HOLD,
	        "class", "triage-tagged", "triage-held" },
	{ "a finer class has its parent's mode and its own tag", "unknown", "finer",
	        0.9, MODE_SEND, GATE_NONE, { 0 }, REPLY_SEND, "checklist incomplete",
	        "triage-finer", NULL },
	{ "gate of the header", "spam-detected", NULL, 0.9, MODE_SEND, GATE_LIST, { 0 },
	        REPLY_SUPPRESS, "list", "triage-spam-detected", "triage-no-reply" },
	{ "gate of the header in draft mode", "spam-detected", NULL, 0.9, MODE_DRAFT,
	        GATE_AUTO_RESPONSE_SUPPRESS, { 0 }, REPLY_SUPPRESS,
	        "auto-response-suppress", "triage-spam-detected", "triage-no-reply" },
	{ "not a ticket", "not-a-ticket", NULL, 0.9, MODE_SEND, GATE_NONE, { 0 },
	        REPLY_SUPPRESS, "not-a-ticket", "triage-not-a-ticket",
	        "triage-no-reply" },
	{ "in doubt", "spam-detected", NULL, 0.5, MODE_SEND, GATE_NONE, { 0 },
	        REPLY_HOLD, "low-confidence", "triage-spam-detected", "triage-held" },
	{ "the fallback may be in doubt", "unknown", NULL, 0.5, MODE_SEND, GATE_NONE,
	        { 0 }, REPLY_SEND, "checklist incomplete", "triage-unknown", NULL },
	{ "too old", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .now = NOW, .received = NOW - 49 * HOUR }, REPLY_SUPPRESS, "too-old",
	        "triage-spam-detected", "triage-no-reply" },
	{ "just not too old", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .now = NOW, .received = NOW - 48 * HOUR }, REPLY_SEND,
	        "checklist incomplete", "triage-spam-detected", NULL },
	{ "backlog", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .backlog = TRUE }, REPLY_SUPPRESS, "too-old", "triage-spam-detected",
	        "triage-no-reply" },
	{ "answered before", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .known_before = TRUE }, REPLY_SUPPRESS, "answered before",
	        "triage-spam-detected", "triage-no-reply" },
	{ "bounced before", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .bounced_before = TRUE }, REPLY_SUPPRESS, "bounced-before",
	        "triage-spam-detected", "triage-no-reply" },
	{ "sender limit", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .sender_replies = 5 }, REPLY_HOLD, "sender-limit",
	        "triage-spam-detected", "triage-held" },
	{ "below the sender limit", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .sender_replies = 4 }, REPLY_SEND, "checklist incomplete",
	        "triage-spam-detected", NULL },
	{ "conversation limit", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .conversation_replies = 3 }, REPLY_HOLD, "conversation-limit",
	        "triage-spam-detected", "triage-held" },
	{ "global limit", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .global_replies = 200 }, REPLY_HOLD, "global-limit",
	        "triage-spam-detected", "triage-held" },
	{ "breaker", "spam-detected", NULL, 0.9, MODE_SEND, GATE_NONE,
	        { .breaker_open = TRUE }, REPLY_HOLD, "global-limit",
	        "triage-spam-detected", "triage-held" },
	{ "a follow-up that adds nothing", "spam-detected", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .turn = &adds_nothing }, REPLY_HOLD, "low-confidence",
	        "triage-spam-detected", "triage-held" },
	{ "a follow-up that adds something", "spam-detected", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .turn = &adds }, REPLY_SEND, "checklist incomplete",
	        "triage-spam-detected", NULL, TEMPLATE_FOLLOW_UP },
	{ "a follow-up that shows another error", "spam-detected", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .turn = &changes }, REPLY_SEND, "checklist incomplete",
	        "triage-spam-detected", NULL, "spam-detected" },
	{ "a follow-up after an agent's answer", "spam-detected", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .turn = &after_agent }, REPLY_HOLD, "agent-answered",
	        "triage-spam-detected", "triage-held" },
	{ "a follow-up after a hand-over", "spam-detected", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .turn = &after_hand_over }, REPLY_HOLD, "handed-over",
	        "triage-spam-detected", "triage-held" },
	{ "a follow-up that says thank you", "not-a-ticket", NULL, 0.85, MODE_SEND,
	        GATE_NONE, { .turn = &beside }, REPLY_SUPPRESS, "not-a-ticket",
	        "triage-not-a-ticket", "triage-no-reply" },
	{ "a thank-you is not held for a limit", "not-a-ticket", NULL, 0.9, MODE_SEND,
	        GATE_NONE, { .sender_replies = 9 }, REPLY_SUPPRESS, "not-a-ticket",
	        "triage-not-a-ticket", "triage-no-reply" },
};

static Catalogue *
make_catalogue(void)
{
	static GPtrArray *empty;
	Catalogue *catalogue = g_new0(Catalogue, 1);
	empty = empty != NULL ? empty : g_ptr_array_new();
	catalogue->classes = g_ptr_array_new();
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		classes[i].checklist = classes[i].signatures = empty;
		g_ptr_array_add(catalogue->classes, &classes[i]);
	}
	return catalogue;
}

static void
drop_catalogue(Catalogue *catalogue)
{
	g_ptr_array_unref(catalogue->classes);
	g_free(catalogue);
}

static Settings
make_settings(Mode mode)
{
	Settings settings = { .mode = mode };
	settings.reply.max_age_hours = 48;
	settings.reply.per_sender_messages = 5;
	settings.reply.per_conversation_messages = 3;
	settings.reply.global_messages = 200;
	return settings;
}

static Case *
make_case(const struct sample *sample)
{
	Case *kase = case_new();
	g_free(kase->verdict.class);
	kase->verdict.class = g_strdup(sample->class);
	kase->verdict.detail = g_strdup(sample->detail);
	kase->verdict.confidence = sample->confidence;
	kase->header_gate = sample->header_gate;
	kase->reply_to = g_strdup("anna@example.it");
	kase->arrival = NOW - 1000 * HOUR;
	Requirement requirement = { 1u << ITEM_DATE, FALSE };
	if (strcmp(sample->class, "not-a-ticket") != 0)
		g_array_append_val(kase->requirements, requirement);
	return kase;
}

static void
test_decide(void **state)
{
	const struct sample *sample = *state;
	Catalogue *catalogue = make_catalogue();
	Settings settings = make_settings(sample->mode);
	g_autoptr(Case) kase = make_case(sample);
	g_autoptr(Plan) plan = decide(kase, catalogue, &settings, &sample->history);

	assert_int_equal(plan->action, sample->action);
	assert_string_equal(plan->reason, sample->reason);
	assert_string_equal(g_ptr_array_index(plan->tags, 0), sample->tag);
	if (sample->outcome != NULL)
		assert_string_equal(plan->outcome_tag, sample->outcome);
	else
		assert_null(plan->outcome_tag);
	if (sample->template != NULL)
		assert_string_equal(plan->template, sample->template);
	assert_int_equal(plan->tag, sample->mode != MODE_OBSERVE);
	drop_catalogue(catalogue);
}

static void
test_tags(void **state)
{
	(void)state;
	const struct sample sample = { .class = "spam-detected", .confidence = 0.9 };
	Catalogue *catalogue = make_catalogue();
	Settings settings = make_settings(MODE_SEND);
	const History none = { 0 };
	g_autoptr(Case) kase = make_case(&sample);
	Requirement error = { 1u << ITEM_ERROR_TEXT | 1u << ITEM_SCREENSHOT, FALSE };
	g_array_append_val(kase->requirements, error);

	g_autoptr(Plan) plan = decide(kase, catalogue, &settings, &none);
	assert_int_equal(plan->tags->len, 3);
	assert_string_equal(g_ptr_array_index(plan->tags, 1), "triage-missing-date");
	assert_string_equal(g_ptr_array_index(plan->tags, 2), "triage-missing-error");

	for (guint i = 0; i < kase->requirements->len; i++)
		g_array_index(kase->requirements, Requirement, i).present = TRUE;
	g_autoptr(Plan) complete = decide(kase, catalogue, &settings, &none);
	assert_int_equal(complete->tags->len, 2);
	assert_string_equal(g_ptr_array_index(complete->tags, 1), "triage-complete");
	assert_string_equal(complete->reason, "checklist complete");

	g_array_set_size(kase->requirements, 0);
	g_autoptr(Plan) without = decide(kase, catalogue, &settings, &none);
	assert_int_equal(without->tags->len, 1);
	drop_catalogue(catalogue);
}

static void
test_nobody_to_answer(void **state)
{
	(void)state;
	const struct sample sample = { .class = "spam-detected", .confidence = 0.9 };
	Catalogue *catalogue = make_catalogue();
	Settings settings = make_settings(MODE_SEND);
	const History none = { 0 };
	g_autoptr(Case) kase = make_case(&sample);
	g_clear_pointer(&kase->reply_to, g_free);
	g_autoptr(Plan) plan = decide(kase, catalogue, &settings, &none);
	assert_int_equal(plan->action, REPLY_SUPPRESS);
	assert_null(plan->to);
	drop_catalogue(catalogue);
}

/* What is said of our reply stops us; said in a first mail it only changes its words. */
static void
test_told_off(void **state)
{
	(void)state;
	const struct sample sample = { .class = "spam-detected", .confidence = 0.9 };
	Catalogue *catalogue = make_catalogue();
	Settings settings = make_settings(MODE_SEND);
	const History first = { 0 }, follow_up = { .turn = &adds };
	g_autoptr(Case) kase = make_case(&sample);
	kase->not_helped = TRUE;
	g_autoptr(Plan) sent = decide(kase, catalogue, &settings, &first);
	assert_int_equal(sent->action, REPLY_SEND);
	g_autoptr(Plan) stopped = decide(kase, catalogue, &settings, &follow_up);
	assert_int_equal(stopped->action, REPLY_HOLD);
	assert_int_equal(stopped->gate, GATE_NOT_HELPED);
	assert_null(stopped->template);
	kase->wants_human = TRUE;
	g_autoptr(Plan) wanted = decide(kase, catalogue, &settings, &follow_up);
	assert_int_equal(wanted->gate, GATE_HUMAN_WANTED);
	drop_catalogue(catalogue);
}

/* What forbids an answer may stand in the part of the header that was not read. */
static void
test_cut_header(void **state)
{
	(void)state;
	const struct sample sample = { .class = "unknown", .confidence = 0.9 };
	Catalogue *catalogue = make_catalogue();
	Settings settings = make_settings(MODE_SEND);
	const History none = { 0 };
	g_autoptr(Case) kase = make_case(&sample);
	kase->limit = g_strdup(LIMIT_HEADER);
	g_autoptr(Plan) cut = decide(kase, catalogue, &settings, &none);
	assert_int_equal(cut->action, REPLY_HOLD);
	assert_int_equal(cut->gate, GATE_LOW_CONFIDENCE);
	g_free(kase->limit);
	kase->limit = g_strdup("parts");
	g_autoptr(Plan) other = decide(kase, catalogue, &settings, &none);
	assert_int_equal(other->action, REPLY_SEND);
	drop_catalogue(catalogue);
}

/* Limits of zero mean none. */
static void
test_no_limits(void **state)
{
	(void)state;
	const struct sample sample = { .class = "spam-detected", .confidence = 0.9 };
	Catalogue *catalogue = make_catalogue();
	Settings settings = { .mode = MODE_SEND };
	const History busy = { .now = NOW,
		.received = 1,
		.sender_replies = 1000,
		.conversation_replies = 1000,
		.global_replies = 1000 };
	g_autoptr(Case) kase = make_case(&sample);
	g_autoptr(Plan) plan = decide(kase, catalogue, &settings, &busy);
	assert_int_equal(plan->action, REPLY_SEND);
	drop_catalogue(catalogue);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_decide);
	suite_add(suite, cmocka_unit_test(test_tags),
	        cmocka_unit_test(test_nobody_to_answer),
	        cmocka_unit_test(test_told_off), cmocka_unit_test(test_cut_header),
	        cmocka_unit_test(test_no_limits));
	return suite_run(suite, "decide", NULL, NULL);
}
