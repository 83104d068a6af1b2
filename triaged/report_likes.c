#include "triaged/report_likes.h"

#include <string.h>

#include "store/report_walk.h"

/* What is worth a signature stands at the top; each is compared with all before it. */
#define FORMS_MAX 300

/* Two texts are alike when they share this part of their words. */
#define ALIKE 0.6

/* A form's words, without the stand-ins for what is volatile. */
static GHashTable *
words_of(const char *form)
{
	GHashTable *words =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) parts = g_strsplit_set(form, " .,;:()[]'\"", -1);
	for (guint i = 0; parts[i] != NULL; i++) {
		if (parts[i][0] != '\0' && parts[i][0] != '<')
			g_hash_table_add(words, g_strdup(parts[i]));
	}
	return words;
}

/* How many of all their words both have (Jaccard's index). */
static double
likeness(GHashTable *left, GHashTable *right)
{
	GHashTableIter each;
	gpointer word;
	guint shared = 0;
	g_hash_table_iter_init(&each, left);
	while (g_hash_table_iter_next(&each, &word, NULL))
		shared += g_hash_table_contains(right, word);
	guint all = g_hash_table_size(left) + g_hash_table_size(right) - shared;
	return all > 0 ? (double)shared / all : 0;
}

static ReportLikes *
find_like(GPtrArray *likes, GPtrArray *words, GHashTable *wanted)
{
	for (guint i = 0; i < likes->len; i++) {
		if (likeness(g_ptr_array_index(words, i), wanted) >= ALIKE)
			return g_ptr_array_index(likes, i);
	}
	return NULL;
}

static ReportLikes *
likes_new(Store *store, const UnmatchedForm *form, gboolean verbatim, GError **error)
{
	ReportLikes *likes = g_new0(ReportLikes, 1);
	likes->form = g_strdup(form->form);
	if (verbatim)
		likes->example = unmatched_text(store, form->last, form->form, error);
	return likes;
}

gboolean
report_likes(JournalReport *report, Store *store, gboolean verbatim, GError **error)
{
	g_autoptr(GError) failed = NULL;
	g_autoptr(GPtrArray) forms = unmatched_list(
	        store, report->since, report->until, FORMS_MAX, &report->forms, error);
	g_autoptr(GPtrArray) words =
	        g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	for (guint i = 0; forms != NULL && i < forms->len && failed == NULL; i++) {
		const UnmatchedForm *form = g_ptr_array_index(forms, i);
		g_autoptr(GHashTable) own = words_of(form->form);
		ReportLikes *likes = find_like(report->likes, words, own);
		if (likes == NULL) {
			likes = likes_new(store, form, verbatim, &failed);
			g_ptr_array_add(report->likes, likes);
			g_ptr_array_add(words, g_steal_pointer(&own));
		}
		likes->count += form->count;
		likes->forms++;
	}
	if (failed != NULL)
		g_propagate_error(error, g_steal_pointer(&failed));
	return forms != NULL && (error == NULL || *error == NULL);
}
