#include "desk/override.h"

#include <string.h>

#include "store/correction.h"

#define TAG_COMPLETE "triage-complete"
#define TAG_MISSING "triage-missing-"

static const char *const outcomes[] = { "triage-replied", "triage-drafted",
	"triage-held", "triage-no-reply", "triage-error" };

gboolean
tag_is_outcome(const char *tag)
{
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++)
		if (g_ascii_strcasecmp(tag, outcomes[i]) == 0)
			return TRUE;
	return FALSE;
}

gboolean
tag_is_class(const char *tag)
{
	return !tag_is_outcome(tag) && g_ascii_strcasecmp(tag, TAG_COMPLETE) != 0 &&
	       g_ascii_strncasecmp(tag, TAG_MISSING, strlen(TAG_MISSING)) != 0;
}

/* What agents said of a mail's tags, the last word of each. */
typedef struct {
	GHashTable *signs; /* lower-case tag to GINT_TO_POINTER('+' or '-') */
	gboolean class;    /* the class is theirs */
} Overrides;

static void
overrides_add(Overrides *overrides, const Correction *correction)
{
	g_auto(GStrv) changes = g_strsplit(correction->changes, " ", -1);
	overrides->class = overrides->class || correction->to != NULL;
	for (char **change = changes; *change != NULL; change++)
		if ((**change == '+' || **change == '-') &&
		        !tag_is_outcome(*change + 1))
			g_hash_table_replace(overrides->signs,
			        g_ascii_strdown(*change + 1, -1),
			        GINT_TO_POINTER(**change));
}

/* word: "triage-x" to add, "-triage-x" to take away, "?triage-x" a condition. */
static gboolean
is_overridden(const Overrides *overrides, const char *word)
{
	if (*word == '?')
		return FALSE;
	gboolean remove = *word == '-';
	const char *tag = remove ? word + 1 : word;
	g_autofree char *lower = g_ascii_strdown(tag, -1);
	int sign = GPOINTER_TO_INT(g_hash_table_lookup(overrides->signs, lower));
	if (sign != 0)
		return sign == (remove ? '+' : '-');
	return !remove && overrides->class && tag_is_class(tag);
}

/* Conditions alone change nothing. */
static gboolean
changes_something(char *const *words)
{
	for (; *words != NULL; words++)
		if (**words != '\0' && **words != '?')
			return TRUE;
	return FALSE;
}

static char *
filter(const Overrides *overrides, const char *words)
{
	g_auto(GStrv) all = g_strsplit(words, " ", -1);
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	for (char **word = all; *word != NULL; word++)
		if (!is_overridden(overrides, *word))
			g_ptr_array_add(kept, *word);
	g_ptr_array_add(kept, NULL);
	if (!changes_something((char **)kept->pdata))
		return g_strdup("");
	return g_strjoinv(" ", (char **)kept->pdata);
}

char *
override_filter(Store *store, gint64 mail, const char *words, GError **error)
{
	g_autoptr(GPtrArray) corrections = corrections_of_mail(store, mail, error);
	if (corrections == NULL)
		return NULL;
	if (corrections->len == 0)
		return g_strdup(words);
	g_autoptr(GHashTable) signs =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Overrides overrides = { .signs = signs };
	for (guint i = 0; i < corrections->len; i++)
		overrides_add(&overrides, g_ptr_array_index(corrections, i));
	return filter(&overrides, words);
}
