#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/repeats.h"
#include "base/text.h"

#define VALUE_MAX 300    /* characters of one value in a line */
#define PRIORITY_CHARS 3 /* "<N>" */

static const char *log_program = "triaged";
static char log_role[64];
static LogLevel log_threshold = LOG_LEVEL_INFO;
static gboolean log_to_journal;
static Repeats log_repeats; /* of this process */

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

/* The head of a line, up to its words. */
static GString *
line_begin(LogLevel level, const char *words)
{
	GString *line = g_string_new(NULL);
	if (log_to_journal)
		g_string_append_printf(line, "<%d>", level_priority(level));
	g_string_append_printf(line, "%s", log_program);
	if (log_role[0] != '\0')
		g_string_append_printf(line, "[%s]", log_role);
	g_string_append_printf(line, ": %s", words);
	return line;
}

/* Say how often lines were left out whose time is over. */
static void
tell_repeats(gint64 now)
{
	char *left_out = NULL;
	guint count;
	while ((count = repeats_take(&log_repeats, now, &left_out)) > 0) {
		g_autoptr(GString) line =
		        line_begin(LOG_LEVEL_NOTICE, "a line was left out");
		g_string_append_printf(line, " times=%u line=", count);
		append_value(line, left_out);
		write_line(line);
		g_clear_pointer(&left_out, g_free);
	}
}

void
log_line(LogLevel level, const char *words, ...)
{
	gint64 now = clock_monotonic();
	if (level > log_threshold)
		return;
	g_autoptr(GString) line = line_begin(level, words);
	va_list pairs;
	va_start(pairs, words);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;) {
		const char *value = va_arg(pairs, const char *);
		g_string_append_printf(line, " %s=", key);
		append_value(line, value);
	}
	va_end(pairs);
	tell_repeats(now);
	const char *said = log_to_journal ? line->str + PRIORITY_CHARS : line->str;
	if (repeats_may_write(&log_repeats, said, now))
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
	repeats_clear(&log_repeats);
}
