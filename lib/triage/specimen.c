#include "triage/specimen.h"

#include <string.h>

#include "base/text.h"
#include "triage/likeness.h"

#define NAME_CHARS_MIN 3 /* shorter ones are words of every language: "di", "it" */

/* Of the customer's name and address: what is no letter or digit parts their words. */
#define NAME_GAPS " .-_@+,;'\"()<>"

const char *
specimen_signature(const Case *kase)
{
	const Verdict *verdict = &kase->verdict;
	const char *finest = verdict->detail != NULL ? verdict->detail : verdict->class;
	const Evidence *best = NULL;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->signature == NULL || evidence->dropped != NULL ||
		        g_strcmp0(evidence->class, finest) != 0)
			continue;
		if (best == NULL || evidence->weight > best->weight)
			best = evidence;
	}
	return best != NULL ? best->signature : NULL;
}

static void
specimen_free(gpointer pointer)
{
	Specimen *specimen = pointer;
	g_free(specimen->form);
	g_free(specimen->text);
	g_free(specimen);
}

static void
add_names(GPtrArray *names, const char *text)
{
	if (text == NULL)
		return;
	g_autoptr(FoldedText) folded = text_fold(text, -1, FALSE);
	g_auto(GStrv) words = g_strsplit_set(folded->text, NAME_GAPS, -1);
	for (guint i = 0; words[i] != NULL; i++) {
		if (g_utf8_strlen(words[i], -1) >= NAME_CHARS_MIN)
			g_ptr_array_add(names, g_strdup(words[i]));
	}
}

/* The words of the customer's own name and mailbox; not of its domain, whose words ("posta",
 * "mail") are those of the errors too and go as a host does. */
static GStrv
case_names(const Case *kase)
{
	GPtrArray *names = g_ptr_array_new();
	const char *address = kase->from_address != NULL ? kase->from_address : "";
	g_autofree char *local = g_strndup(address, strcspn(address, "@"));
	add_names(names, kase->from_name);
	add_names(names, local);
	g_ptr_array_add(names, NULL);
	return (GStrv)g_ptr_array_free(names, FALSE);
}

/* Texts that are taken so far, and what makes likenesses of them. */
typedef struct {
	GPtrArray *specimens;
	GStrv names;
} Collection;

static gboolean
is_known(const GPtrArray *specimens, const char *form, const char *text)
{
	for (guint i = 0; i < specimens->len; i++) {
		const Specimen *specimen = g_ptr_array_index(specimens, i);
		if (strcmp(specimen->form, form) == 0 ||
		        strstr(text, specimen->text) != NULL)
			return TRUE;
	}
	return FALSE;
}

/* Behind an error's first sentence the customer's own words may go on, with a signature. */
static char *
first_sentence(const char *text)
{
	static const char *const ends[] = { ". ", "! ", "? " };
	gsize length = strlen(text);
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
		const char *end = g_strstr_len(text, (gssize)length, ends[i]);
		if (end != NULL)
			length = (gsize)(end - text);
	}
	return g_strndup(text, length);
}

static void
collect(Collection *collection, const char *text, Origin origin)
{
	if (collection->specimens->len >= SPECIMEN_TEXTS_MAX)
		return;
	g_autofree char *said =
	        origin == ORIGIN_WORDS ? first_sentence(text) : g_strdup(text);
	g_autofree char *form =
	        likeness_of(said, (const char *const *)collection->names);
	if (form[0] == '\0' || is_known(collection->specimens, form, text))
		return;
	Specimen *specimen = g_new0(Specimen, 1);
	specimen->form = g_steal_pointer(&form);
	specimen->text = g_strdup(text);
	g_ptr_array_add(collection->specimens, specimen);
}

/* Evidence among the customer's words is a whole line of them; the item found in it is the
 * error alone. A subject is too short to say more than that. */
static gboolean
is_candidate(const Evidence *evidence)
{
	return evidence->signature == NULL && evidence->dropped == NULL &&
	       evidence->text != NULL && evidence->origin != ORIGIN_SCREENSHOT &&
	       evidence->origin != ORIGIN_WORDS && evidence->origin != ORIGIN_SUBJECT;
}

GPtrArray *
specimen_collect(const Case *kase)
{
	Collection collection = { .specimens = g_ptr_array_new_with_free_func(
		                          specimen_free) };
	if (kase->nature != NATURE_PERSON || specimen_signature(kase) != NULL ||
	        strcmp(kase->verdict.class, "not-a-ticket") == 0)
		return collection.specimens;
	collection.names = case_names(kase);
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		if (item->kind == ITEM_ERROR_TEXT && item->value != NULL)
			collect(&collection, item->value, item->origin);
	}
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (is_candidate(evidence))
			collect(&collection, evidence->text, evidence->origin);
	}
	g_strfreev(collection.names);
	return collection.specimens;
}
