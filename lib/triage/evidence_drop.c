#include "triage/evidence_drop.h"

#include <string.h>

#include "base/text.h"
#include "triage/case.h"

/* Whether a foreign server's report says these words. */
static gboolean
stands_in_foreign_report(const GPtrArray *evidence, const char *words)
{
	for (guint i = 0; i < evidence->len; i++) {
		const Evidence *report = g_ptr_array_index(evidence, i);
		if (report->origin != ORIGIN_REPORT ||
		        report->refused_by != REFUSED_BY_REMOTE)
			continue;
		g_autoptr(FoldedText) folded = text_fold(report->text, -1, FALSE);
		if (strstr(folded->text, words) != NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_reported(const GPtrArray *evidence, const char *class)
{
	for (guint i = 0; i < evidence->len; i++) {
		const Evidence *report = g_ptr_array_index(evidence, i);
		if (report->origin == ORIGIN_REPORT &&
		        g_strcmp0(report->class, class) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "Mi torna policy violation", and the report beside it is of another server's policy: the
 * words repeat that report, and name none of our errors. */
static gboolean
repeats_a_foreign_report(
        const GPtrArray *evidence, const Evidence *said, const char *words)
{
	return *words != '\0' &&
	       (said->origin == ORIGIN_WORDS || said->origin == ORIGIN_SUBJECT) &&
	       !is_reported(evidence, said->class) &&
	       stands_in_foreign_report(evidence, words);
}

/* Whether the person names the class only to say that it is not, or is over: "R: 0x8004210A",
 * and within "0x8004210A non compare piu". */
static gboolean
is_denied_within(const GPtrArray *evidence, const Evidence *subject)
{
	gboolean denied = FALSE;

	if (subject->origin != ORIGIN_SUBJECT || subject->class == NULL)
		return FALSE;
	for (guint i = 0; i < evidence->len; i++) {
		const Evidence *said = g_ptr_array_index(evidence, i);
		if (g_strcmp0(said->class, subject->class) != 0 ||
		        said->origin == ORIGIN_SUBJECT ||
		        g_strcmp0(said->dropped, "history") == 0)
			continue;
		if (said->dropped == NULL)
			return FALSE;
		denied = TRUE;
	}
	return denied;
}

void
evidence_drop_contradicted(GPtrArray *evidence, const GPtrArray *matches)
{
	for (guint i = 0; i < evidence->len; i++) {
		Evidence *said = g_ptr_array_index(evidence, i);
		const char *why = NULL;
		if (is_denied_within(evidence, said))
			why = "negated"; /* not even as the thread's subject */
		else if (said->dropped == NULL &&
		         repeats_a_foreign_report(
		                 evidence, said, g_ptr_array_index(matches, i)))
			why = "another server's words";
		if (why != NULL) {
			g_free(said->dropped);
			said->dropped = g_strdup(why);
		}
	}
}
