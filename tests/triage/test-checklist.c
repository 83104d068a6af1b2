#include <string.h>

#include "tests/suite.h"
#include "triage/checklist.h"

static void
add_item(Case *kase, ItemKind kind)
{
	Item *item = g_new0(Item, 1);
	item->kind = kind;
	item->value = g_strdup("x");
	item->part = g_strdup("1");
	g_ptr_array_add(kase->items, item);
}

/* Two classes written down here; the finer one has its parent's checklist. */
static Catalogue *
make_catalogue(Class classes[2])
{
	Catalogue *catalogue = g_new0(Catalogue, 1);
	catalogue->classes = g_ptr_array_new();
	for (int i = 0; i < 2; i++) {
		classes[i].checklist = g_ptr_array_new();
		g_ptr_array_add(catalogue->classes, &classes[i]);
	}
	g_ptr_array_add(classes[1].checklist, (gpointer) "error_text|screenshot");
	g_ptr_array_add(classes[1].checklist, (gpointer) "mailbox");
	return catalogue;
}

static const struct sample {
	const char *name, *class;
	guint items; /* bit set of what was found */
	const char *missing;
} samples[] = {
	{ "all missing", "unknown", 0, "error_text|screenshot,mailbox" },
	{ "one of several is enough", "unknown", 1u << ITEM_SCREENSHOT, "mailbox" },
	{ "the other one too", "unknown", 1u << ITEM_ERROR_TEXT | 1u << ITEM_MAILBOX,
	        "" },
	{ "what is not needed is not missed", "unknown",
	        1u << ITEM_DATE | 1u << ITEM_MAILBOX, "error_text|screenshot" },
	{ "no class, no checklist", "not-a-ticket", 0, "" },
};

static void
test_checklist(void **state)
{
	const struct sample *sample = *state;
	Class classes[2] = {
		{ .id = (char *)"finer", .parent = (char *)"unknown" },
		{ .id = (char *)"unknown" },
	};
	Catalogue *catalogue = make_catalogue(classes);
	g_autoptr(Case) kase = case_new();
	g_free(kase->verdict.class);
	kase->verdict.class = g_strdup(sample->class);
	for (int kind = 0; kind < ITEM_COUNT; kind++) {
		if (sample->items & 1u << kind)
			add_item(kase, (ItemKind)kind);
	}

	checklist_check(kase, catalogue);
	g_autoptr(GPtrArray) missing = checklist_missing(kase);
	g_ptr_array_add(missing, NULL);
	g_autofree char *names = g_strjoinv(",", (char **)missing->pdata);
	assert_string_equal(names, sample->missing);

	for (int i = 0; i < 2; i++)
		g_ptr_array_unref(classes[i].checklist);
	g_ptr_array_unref(catalogue->classes);
	g_free(catalogue);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_checklist);
	return suite_run(suite, "checklist", NULL, NULL);
}
