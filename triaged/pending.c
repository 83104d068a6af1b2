/* Stands in for lib/triage/facts and explain until they are there. */
#include "triage/explain.h"
#include "triage/facts.h"
GPtrArray *
facts_extract(const Mail *mail, const Passages *passages, const GPtrArray *evidence,
        const Settings *settings, const Vocabulary *vocabulary)
{
	(void)mail;
	(void)passages;
	(void)evidence;
	(void)settings;
	(void)vocabulary;
	return g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
}
char *
explain(const Case *k, const Plan *p, const char *f)
{
	(void)k;
	(void)p;
	GString *s = g_string_new(f);
	for (guint i = 0; i < k->verdict.reasons->len; i++)
		g_string_append_printf(
		        s, "\n  %s", (char *)g_ptr_array_index(k->verdict.reasons, i));
	g_string_append_c(s, '\n');
	return g_string_free(s, FALSE);
}
