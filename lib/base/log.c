#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define VALUE_MAX 300 /* characters of one value in a line */

static const char *log_program = "triaged";
static char log_role[64];
static LogLevel log_threshold = LOG_LEVEL_INFO;
static gboolean log_to_journal;

/* syslog(3) priorities, which the journal reads from a "<N>" prefix (sd-daemon(3)). */
static int
level_priority(LogLevel level)
{
	switch (level) {
	case LOG_LEVEL_ERROR: return 3;
	case LOG_LEVEL_WARNING: return 4;
	case LOG_LEVEL_NOTICE: return 5;
	case LOG_LEVEL_INFO: return 6;
	case LOG_LEVEL_DEBUG: return 7;
	}
	return 6;
}

void
log_open(const char *program, const char *role, LogLevel level)
{
	log_program = program;
	log_set_role(role != NULL ? role : "");
	log_threshold = level;
	log_to_journal = g_getenv("JOURNAL_STREAM") != NULL;
}

static void
append_value(GString *line, const char *value)
{
	g_autofree char *safe = text_one_line(value != NULL ? value : "-", VALUE_MAX);
	if (*safe != '\0' && strpbrk(safe, " \"=\\") == NULL) {
		g_string_append(line, safe);
		return;
	}
	g_string_append_c(line, '"');
	for (const char *c = safe; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(line, '\\');
		g_string_append_c(line, *c);
	}
	g_string_append_c(line, '"');
}

/* One write(2) per line, so that lines of several processes never mix. */
static void
write_line(GString *line)
{
	g_string_append_c(line, '\n');
	gsize done = 0;
	while (done < line->len) {
		ssize_t written =
		        write(STDERR_FILENO, line->str + done, line->len - done);
		if (written <= 0)
			return;
		done += (gsize)written;
	}
}

void
log_line(LogLevel level, const char *words, ...)
{
	if (level > log_threshold)
		return;
	g_autoptr(GString) line = g_string_new(NULL);
	if (log_to_journal)
		g_string_append_printf(line, "<%d>", level_priority(level));
	g_string_append_printf(line, "%s", log_program);
	if (log_role[0] != '\0')
		g_string_append_printf(line, "[%s]", log_role);
	g_string_append_printf(line, ": %s", words);
	va_list pairs;
	va_start(pairs, words);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;) {
		const char *value = va_arg(pairs, const char *);
		g_string_append_printf(line, " %s=", key);
		append_value(line, value);
	}
	va_end(pairs);
	write_line(line);
}

void
log_error(LogLevel level, const char *words, const GError *error)
{
	log_line(level, words, "error", error->message, NULL);
}

void
log_set_role(const char *role)
{
	g_strlcpy(log_role, role, sizeof log_role);
}
