/*
 * Where a person signs: an address under the author's own name is how to reach them, not what
 * their trouble is about. Mail programs' "-- " is cut off before; most people have none.
 */
#include <string.h>

#include "triage/fact.h"

#define SIGNATURE_LINES_MAX 10 /* filled lines from the end that are looked at */
#define NAME_WORDS_MAX 5
#define NAME_MIN 3  /* letters of a name */
#define TITLE_MAX 7 /* "dott.ssa" without its dot */

/* Whether a word is one of the author's names, or of their mailbox's. */
static gboolean
is_name(const char *word, gsize length, const char *const *names)
{
	for (; length >= NAME_MIN && *names != NULL; names++)
		if (strncmp(word, *names, length) == 0 && (*names)[length] == '\0')
			return TRUE;
	return FALSE;
}

/* "Avv. Pietro Cattani", "PAOLA". Most lines are ruled out by their first word. */
static gboolean
is_own_name(const char *line, const char *const *names)
{
	guint count = 0, own = 0;

	for (const char *word = line + strspn(line, " ,"); *word != '\0';) {
		gsize length = strcspn(word, " ,");
		gboolean title = length > 1 && length <= TITLE_MAX + 1 &&
		                 memchr(word, '.', length) != NULL;
		count++;
		if (is_name(word, length, names))
			own++;
		else if (!title)
			return FALSE;
		word += length + strspn(word + length, " ,");
	}
	return own > 0 && count <= NAME_WORDS_MAX;
}

static GStrv
author_names(const Facts *facts)
{
	const NameAddr *author = facts->mail->from;
	const char *address =
	        author != NULL && author->address != NULL ? author->address : "";
	g_autofree char *local = g_strndup(address, strcspn(address, "@"));
	g_autofree char *called = g_strdup_printf("%s %s", local,
	        author != NULL && author->name != NULL ? author->name : "");
	g_autoptr(FoldedText) folded = text_fold(called, -1, FALSE);

	return g_strsplit_set(folded->text, " .,-_+\"'()0123456789", -1);
}

/* Whether a line of the passage is the author's name or takes leave. */
static gboolean
is_sign_off(const Facts *facts, const char *line, gsize length, GStrv names)
{
	g_autofree char *folded = text_fold_words(line, length);
	g_strstrip(folded);

	return is_own_name(folded, (const char *const *)names) ||
	       fact_cue_in(facts, CUE_SIGN_OFF, folded, strlen(folded));
}

gboolean
fact_is_in_signature(const Facts *facts, const Passage *passage, gsize at)
{
	g_auto(GStrv) names = NULL;
	gsize end = strlen(passage->text);

	for (guint filled = 0; end > 0 && filled < SIGNATURE_LINES_MAX;) {
		gsize start = end;
		while (start > 0 && passage->text[start - 1] != '\n')
			start--;
		const char *line = passage->text + start;
		gsize blank = strspn(line, " \t");
		if (blank < end - start) {
			filled++;
			/* only what stands above it, so most lines are not read */
			if (start <= at && names == NULL)
				names = author_names(facts);
			if (start <= at && is_sign_off(facts, line, end - start, names))
				return TRUE;
		}
		end = start > 0 ? start - 1 : 0;
	}
	return FALSE;
}
