/* Like error texts become equal, and what is left of them tells nothing of the customer. */
#include "config.h"

#include <string.h>

#include "tests/suite.h"
#include "triage/likeness.h"
#include "triage/specimen.h"

static const char *const names[] = { "mario", "rossi", NULL };

static const struct sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "codes and statuses stay", "550 5.7.1 Access denied, #5.7.1.",
	        "550 5.7.1 access denied, #5.7.1." },
	{ "both in one word", "552-5.7.0 no, 552-12 no, 999 no",
	        "552-5.7.0 no, <n> no, <n> no" },
	{ "client codes stay", "Errore 0x800CCC0F (0x8004210A)",
	        "errore 0x800ccc0f (0x8004210a)" },
	{ "addresses go", "User <Mario.Rossi@Ditta.it> unknown; x@y",
	        "user <addr> unknown; <addr>" },
	{ "an odd address goes", "rcpt \"a b\"@ditta.it, \"x\" y",
	        "rcpt <addr>, \"x\" y" },
	{ "IPs go", "blocked [192.0.2.7] and 2001:db8::1", "blocked <ip> and <ip>" },
	{ "hosts go", "host mx1.ditta.it said: 451", "host <host> said: 451" },
	{ "URLs go", "see https://ditta.it/a?b=c now", "see <url> now" },
	{ "ids and numbers go", "queued as 4XyZ9a12bCdE, job 12345 at 10:22:01",
	        "queued as <id>, job <n> at <n>:<n>:<n>" },
	{ "user names with a dot go", "login mario.bianchi failed",
	        "login <host> failed" },
	{ "the customer's words go", "Casella di Mario ROSSI, rossini no",
	        "casella di <name> <name>, rossini no" },
	{ "each side of = and :", "user=mario ip=192.0.2.1 x:y",
	        "user=<name> ip=<ip> x:y" },
	{ "nothing", "", "" },
	{ "only signs", "<<>> ;; --", "<<>> ;; --" },
};

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *form = likeness_of(sample->text, names);
	assert_string_equal(form, sample->wanted);
}

static void
test_length_is_bounded(void **state)
{
	(void)state;
	g_autofree char *text = g_strnfill(100000, 'x');
	g_autofree char *form = likeness_of(text, NULL);
	assert_int_equal(g_utf8_strlen(form, -1), LIKENESS_CHARS_MAX + 1);
}

static Evidence *
add_evidence(Case *kase, const char *text, const char *class, double weight)
{
	Evidence *evidence = g_new0(Evidence, 1);
	evidence->part = g_strdup("1");
	evidence->text = g_strdup(text);
	evidence->class = g_strdup(class);
	evidence->signature =
	        class != NULL ? g_strdup_printf("%s/%.1f", class, weight) : NULL;
	evidence->weight = weight;
	g_ptr_array_add(kase->evidence, evidence);
	return evidence;
}

static Case *
case_of(const char *class)
{
	Case *kase = case_new();
	kase->nature = NATURE_PERSON;
	g_free(kase->verdict.class);
	kase->verdict.class = g_strdup(class);
	kase->from_name = g_strdup("Mario Rossi");
	kase->from_address = g_strdup("m.verdi@ditta.it");
	return kase;
}

static void
test_deciding_signature(void **state)
{
	(void)state;
	g_autoptr(Case) kase = case_of("a");
	assert_null(specimen_signature(kase));
	add_evidence(kase, "one", "a", 0.5);
	add_evidence(kase, "two", "a", 0.7);
	add_evidence(kase, "other", "b", 0.9);
	add_evidence(kase, "dropped", "a", 0.8)->dropped = g_strdup("negated");
	assert_string_equal(specimen_signature(kase), "a/0.7");
	kase->verdict.detail = g_strdup("b");
	assert_string_equal(specimen_signature(kase), "b/0.9");
}

static void
add_item(Case *kase, const char *text, Origin origin)
{
	Item *item = g_new0(Item, 1);
	item->kind = ITEM_ERROR_TEXT;
	item->value = g_strdup(text);
	item->origin = origin;
	item->part = g_strdup("1");
	g_ptr_array_add(kase->items, item);
}

static const Specimen *
nth(const GPtrArray *specimens, guint n)
{
	assert_true(n < specimens->len);
	return g_ptr_array_index(specimens, n);
}

/* The error itself, not the words around it; each likeness once. */
static void
test_specimens(void **state)
{
	(void)state;
	g_autoptr(Case) kase = case_of("unknown");
	add_item(kase, "599 verdi at mx.a.it. Sono Piero, chiamatemi", ORIGIN_WORDS);
	add_evidence(kase, "Sono Ugo, esce 599 verdi", NULL, 0)->origin = ORIGIN_WORDS;
	add_evidence(kase, "Errore di Ugo", NULL, 0)->origin = ORIGIN_SUBJECT;
	add_evidence(kase, "599 Rossi at mx.b.it", NULL, 0);
	add_evidence(kase, "negated", NULL, 0)->dropped = g_strdup("negated");
	add_evidence(kase, "Pasted. Whole.", NULL, 0)->origin = ORIGIN_PASTED;
	g_autoptr(GPtrArray) specimens = specimen_collect(kase);
	assert_int_equal(specimens->len, 2);
	assert_string_equal(nth(specimens, 0)->form, "599 <name> at <host>");
	assert_string_equal(nth(specimens, 0)->text,
	        "599 verdi at mx.a.it. Sono Piero, chiamatemi");
	assert_string_equal(nth(specimens, 1)->form, "pasted. whole.");
}

static void
test_specimens_are_few(void **state)
{
	(void)state;
	g_autoptr(Case) kase = case_of("unknown");
	for (guint i = 0; i < SPECIMEN_TEXTS_MAX + 3; i++) {
		g_autofree char *text = g_strdup_printf("text %c", (char)('a' + i));
		add_evidence(kase, text, NULL, 0);
	}
	g_autoptr(GPtrArray) specimens = specimen_collect(kase);
	assert_int_equal(specimens->len, SPECIMEN_TEXTS_MAX);
}

/* A ticket that a signature decided, and what is no person's ticket, teach nothing. */
static void
test_no_specimens(void **state)
{
	(void)state;
	g_autoptr(Case) decided = case_of("a"), other = case_of("not-a-ticket"),
	                machine = case_of("unknown");
	add_evidence(decided, "known", "a", 0.7);
	add_evidence(decided, "strange", NULL, 0);
	add_evidence(other, "strange", NULL, 0);
	add_evidence(machine, "strange", NULL, 0);
	machine->nature = NATURE_BOUNCE;
	Case *cases[] = { decided, other, machine };
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) specimens = specimen_collect(cases[i]);
		assert_int_equal(specimens->len, 0);
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_sample);
	suite_add(suite, cmocka_unit_test(test_length_is_bounded),
	        cmocka_unit_test(test_deciding_signature),
	        cmocka_unit_test(test_specimens),
	        cmocka_unit_test(test_specimens_are_few),
	        cmocka_unit_test(test_no_specimens));
	return suite_run(suite, "likeness", NULL, NULL);
}
