/*
 * Lines of a mail server's log that a customer, or his administrator, pasted:
 *   postfix/smtp[123]: ABC: to=<a@b>, relay=x[ip]:25, dsn=5.1.1, status=bounced (host x said: ...)
 *   2026-11-05 10:22:01 1abc-0001 ** a@b R=dnslookup T=remote_smtp: SMTP error from ...: 550 ...
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_notice.h"

#define LOG_ROWS_MAX 6 /* lines that one line of a log was wrapped into */

/* What a line of a log says. */
typedef struct {
	char *address;
	char *words;
	char *status;
	char *sender;
	gboolean delayed;
} LogEntry;

static void
log_entry_clear(LogEntry *entry)
{
	g_free(entry->address);
	g_free(entry->words);
	g_free(entry->status);
	g_free(entry->sender);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LogEntry, log_entry_clear)

/* Join the line at i with those it was wrapped into. */
static char *
join_rows(const Notice *notice, guint i, guint *last)
{
	g_autoptr(GString) text = g_string_new(notice->lines->at[i].text);
	*last = i + 1;
	while (*last < MIN(notice->end, i + LOG_ROWS_MAX) &&
	        !line_is_blank(&notice->lines->at[*last]) &&
	        !line_is_log(&notice->lines->at[*last])) {
		const char *open = strstr(text->str, "status=");
		if (open != NULL && strchr(open, '(') != NULL &&
		        g_str_has_suffix(text->str, ")"))
			break;
		g_string_append_printf(
		        text, " %s", line_words(&notice->lines->at[*last]));
		(*last)++;
	}
	return g_strdup(text->str);
}

/* "from=<a@b>" of Postfix, "F=<a@b>" of Exim. */
static char *
log_sender(const char *text)
{
	static const char *const marks[] = { " from=<", " F=<" };
	gsize start = 0, end = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		const char *mark = strstr(text, marks[i]);
		if (mark != NULL)
			return diagnostic_address(mark, &start, &end);
	}
	return NULL;
}

static gboolean
read_postfix(const char *text, LogEntry *entry)
{
	const char *to = strstr(text, " to=<");
	const char *status = to == NULL ? NULL : strstr(to, "status=");
	gsize start = 0, end = 0;
	if (status == NULL || g_str_has_prefix(status, "status=sent"))
		return FALSE;
	entry->address = diagnostic_address(to, &start, &end);
	entry->delayed = g_str_has_prefix(status, "status=deferred");
	const char *dsn = strstr(to, "dsn=");
	entry->status = dsn == NULL ? NULL : diagnostic_status(dsn + 4);
	const char *open = strchr(status, '(');
	const char *close = strrchr(status, ')');
	if (open != NULL && close != NULL && close > open)
		entry->words = g_strndup(open + 1, close - open - 1);
	return entry->address != NULL && entry->words != NULL;
}

static gboolean
read_exim(const char *text, LogEntry *entry)
{
	const char *mark = strstr(text, " ** ");
	entry->delayed = mark == NULL;
	if (mark == NULL)
		mark = strstr(text, " == ");
	gsize start = 0, end = 0;
	if (mark == NULL || !g_ascii_isdigit(text[0]))
		return FALSE;
	mark += 4;
	entry->address = diagnostic_address(mark, &start, &end);
	if (entry->address == NULL || start > 1)
		return FALSE;
	const char *words = strstr(mark + end, ": ");
	entry->words = words == NULL ? NULL : g_strdup(words + 2);
	return entry->words != NULL;
}

gboolean
line_is_log(const Line *line)
{
	const char *text = line->text;
	/* in each of the marks stands one of these, and in hardly any other line */
	if (strchr(text, '=') == NULL && strchr(text, '*') == NULL)
		return FALSE;
	if (strstr(text, " to=<") != NULL && strstr(text, "status=") != NULL)
		return TRUE;
	if (strstr(text, "postfix/") != NULL && strstr(text, " to=<") != NULL)
		return TRUE;
	g_auto(LogEntry) entry = { 0 };
	return (strstr(text, " ** ") != NULL || strstr(text, " == ") != NULL) &&
	       read_exim(text, &entry);
}

void
notice_read_log(Notice *notice)
{
	for (guint i = notice->start; i < notice->end;) {
		if (!line_is_log(&notice->lines->at[i])) {
			i++;
			continue;
		}
		guint last = i + 1;
		g_autofree char *text = join_rows(notice, i, &last);
		g_auto(LogEntry) entry = { 0 };
		if (read_postfix(text, &entry) || read_exim(text, &entry)) {
			entry.sender = log_sender(text);
			Failure *failure = notice_add(notice, entry.address, i);
			if (failure == NULL)
				return;
			failure->listed = TRUE;
			failure->delayed = entry.delayed;
			failure->status = g_steal_pointer(&entry.status);
			failure->sender = g_steal_pointer(&entry.sender);
			failure->rows = last - i;
			failure_offer(failure, entry.words, failure->line, WORDS_REPLY);
		}
		i = last;
	}
}
