/* Two texts compared line by line. */
#pragma once

#include <glib.h>

/* What is only in from as "- LINE" and only in to as "+ LINE", in order, without what both
 * share; "" when they are equal. Texts of more than LINE_DIFF_MAX lines are not aligned. */
#define LINE_DIFF_MAX 500
char *line_diff(const char *from, const char *to);
