/* What counts as an agent's change of the tags, and how it stands against later tagging. */
#include <string.h>

#include "desk/corrections.h"
#include "desk/override.h"
#include "store/correction.h"
#include "store/journal.h"
#include "tests/shipped.h"

#define S(text) ((char *)(text))

static const struct difference {
	const char *name, *carried, *known, *open;
	const char *changes, *now; /* changes NULL: none */
} differences[] = {
	{ "nothing changed", "triage-spam-detected \\Seen", "triage-spam-detected", "",
	        NULL, "triage-spam-detected" },
	{ "the class replaced", "triage-sender-blacklisted", "triage-spam-detected", "",
	        "-triage-spam-detected +triage-sender-blacklisted",
	        "triage-sender-blacklisted" },
	{ "keywords are alike in any case", "TRIAGE-Spam-Detected",
	        "triage-spam-detected", "", NULL, "triage-spam-detected" },
	{ "flags that are not ours", "\\Seen \\Flagged $Label1 agents-own", "", "",
	        NULL, "" },
	{ "what is on its way says nothing", "", "triage-spam-detected triage-replied",
	        "triage-replied", "-triage-spam-detected", "triage-replied" },
	{ "what is being taken away says nothing", "triage-held triage-replied",
	        "triage-replied", "triage-held", NULL, "triage-replied" },
	{ "never tagged", "triage-held", NULL, "", "+triage-held", "triage-held" },
};

static void
test_difference(void **state)
{
	const struct difference *sample = *state;
	g_autoptr(GHashTable) open =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) carried = g_strsplit(sample->carried, " ", -1);
	g_autofree char *now = NULL;
	if (*sample->open != '\0')
		g_hash_table_add(open, g_strdup(sample->open));
	g_autofree char *changes = corrections_difference(
	        shipped.catalogue, carried, sample->known, open, &now);
	assert_true(g_strcmp0(changes, sample->changes) == 0);
	assert_string_equal(now, sample->now);
}

static void
test_class(void **state)
{
	static const struct {
		const char *tags, *class;
	} samples[] = {
		{ "triage-spam-detected triage-held triage-missing-date",
		        "spam-detected" },
		{ "triage-not-a-ticket", "not-a-ticket" },
		{ "triage-spam-detected triage-sender-blacklisted", NULL },
		{ "triage-complete triage-replied", NULL },
		{ "", NULL },
	};
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++)
		assert_true(
		        g_strcmp0(corrections_class(shipped.catalogue, samples[i].tags),
		                samples[i].class) == 0);
}

static gint64
add_mail(Store *store)
{
	gint64 id;
	JournalMail mail = { .place = { S("assistenza"), S("INBOX"), 1, 1 },
		.sha256 = S("aa"),
		.outcome = JOURNAL_REPLIED,
		.tags = S("triage-spam-detected") };
	assert_true(journal_add(store, &mail, &id, NULL));
	return id;
}

static void
assert_filter(Store *store, gint64 mail, const char *words, const char *wanted)
{
	g_autofree char *left = override_filter(store, mail, words, NULL);
	assert_string_equal(left, wanted);
}

static void
test_override(void **state)
{
	(void)state;
	g_autoptr(Store) store = store_open_memory(NULL);
	assert_true(store_begin(store, NULL));
	gint64 mail = add_mail(store);
	assert_filter(store, mail, "triage-unknown -triage-spam-detected",
	        "triage-unknown -triage-spam-detected");
	Correction other = { .mail = mail,
		.changes = S("-triage-missing-date -triage-held"),
		.who = S("assistenza") };
	assert_true(correction_add(store, &other, NULL));
	assert_filter(store, mail,
	        "triage-missing-date triage-missing-sender triage-held",
	        "triage-missing-sender triage-held");
	assert_filter(store, mail, "?triage-spam-detected triage-missing-date", "");
	Correction class = { .mail = mail,
		.from = S("spam-detected"),
		.to = S("sender-blacklisted"),
		.changes = S("-triage-spam-detected +Triage-Sender-Blacklisted"),
		.who = S("assistenza") };
	assert_true(correction_add(store, &class, NULL));
	assert_filter(store, mail,
	        "-triage-sender-blacklisted triage-spam-detected triage-unknown "
	        "triage-replied -triage-missing-sender triage-complete",
	        "triage-replied -triage-missing-sender triage-complete");
	/* His last word holds. */
	Correction back = { .mail = mail,
		.changes = S("+triage-missing-date"),
		.who = S("assistenza") };
	assert_true(correction_add(store, &back, NULL));
	assert_filter(store, mail, "triage-missing-date", "triage-missing-date");
	assert_filter(store, mail, "-triage-missing-date", "");
	store_rollback(store);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, differences, test_difference);
	suite_add(suite, cmocka_unit_test(test_class), cmocka_unit_test(test_override));
	return suite_run(suite, "corrections", shipped_load, shipped_free);
}
