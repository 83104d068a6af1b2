#include "triage/judge.h"

#include <stdarg.h>

void
judge_add_reason(Judge *judge, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_ptr_array_add(
	        judge->kase->verdict.reasons, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

void
judge_conclude(Judge *judge, const char *class, double confidence)
{
	Verdict *verdict = &judge->kase->verdict;
	g_free(verdict->class);
	verdict->class = g_strdup(class);
	verdict->confidence = confidence;
}

gboolean
judge_hears(const Judge *judge, Cue cue)
{
	return passages_say(judge->passages, judge->catalogue->vocabulary, cue);
}
