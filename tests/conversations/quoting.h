/* How mail programs set the customer's answer and the text that it answers together. */
#pragma once

#include <glib.h>

typedef struct {
	const char *name;
	char *(*write)(const char *answer, const char *quoted);
} QuotingStyle;

/* Ended by a NULL name. "quoted" is the text of our reply, LF ends. */
extern const QuotingStyle quoting_styles[];

const QuotingStyle *quoting_find(const char *name);
