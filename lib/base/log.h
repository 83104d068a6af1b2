/*
 * The journal lines: one per mail and outcome, "key=value" after a few words.
 *
 * Only lib/desk and the programs log. Values are made safe with text_one_line(); customers'
 * text never goes in. The words of each line, and what to do about it, stand in triaged(8). On systemd (JOURNAL_STREAM set) lines carry a "<N>" priority prefix.
 */
#pragma once

#include <glib.h>

typedef enum {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
} LogLevel;

/* program and role stand at the head of each line; level is the least important shown. */
void log_open(const char *program, const char *role, LogLevel level);

/* Write one line to stderr, unless it says the very same too often (base/repeats.h): words, then "key=value" pairs, NULL-terminated (a NULL value is "-", and a value with
 * spaces or quotes is quoted). */
void log_line(LogLevel level, const char *words, ...) G_GNUC_NULL_TERMINATED;

/* log_line() at LOG_LEVEL_ERROR or _WARNING with error=MESSAGE as the last pair. */
void log_error(LogLevel level, const char *words, const GError *error);

/* Change the role that stands at the head of each line: after a fork. */
void log_set_role(const char *role);
