#include "mail/flowed.h"

#include <string.h>

typedef struct {
	guint depth;
	const char *start;
	gsize length;
	gboolean flowed;
} FlowedLine;

/* RFC 3676 4.5: count the quote marks first, then take one stuffed space away. */
static FlowedLine
read_line(const char *at, gsize length)
{
	FlowedLine line = { .start = at, .length = length };
	while (line.length > 0 && *line.start == '>') {
		line.depth++;
		line.start++;
		line.length--;
	}
	if (line.length > 0 && *line.start == ' ') {
		line.start++;
		line.length--;
	}
	gboolean signature = line.length == 3 && memcmp(line.start, "-- ", 3) == 0;
	line.flowed =
	        !signature && line.length > 0 && line.start[line.length - 1] == ' ';
	return line;
}

static void
begin_line(GString *out, guint depth)
{
	for (guint i = 0; i < depth; i++)
		g_string_append_c(out, '>');
	if (depth > 0)
		g_string_append_c(out, ' ');
}

char *
flowed_join(const char *text, gboolean delsp)
{
	GString *out = g_string_sized_new(strlen(text) + 16);
	gboolean open = FALSE;
	guint depth = 0;
	for (const char *at = text; *at != '\0';) {
		gsize length = strcspn(at, "\n");
		gboolean last = at[length] == '\0';
		FlowedLine line = read_line(at, length);
		gboolean signature = !line.flowed && line.length == 3 &&
		                     memcmp(line.start, "-- ", 3) == 0;
		if (open && (line.depth != depth || signature)) {
			g_string_append_c(out, '\n');
			open = FALSE;
		}
		if (!open)
			begin_line(out, line.depth);
		gsize keep = line.flowed && delsp ? line.length - 1 : line.length;
		g_string_append_len(out, line.start, keep);
		open = line.flowed && !last;
		if (!open && !last)
			g_string_append_c(out, '\n');
		depth = line.depth;
		at += last ? length : length + 1;
	}
	return g_string_free(out, FALSE);
}
