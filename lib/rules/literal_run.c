#include "rules/literal_run.h"

#include <string.h>

/* What one "[...]" may read as. */
#define CLASS_MAX 16

guint32
far_sum(guint32 one, guint32 other)
{
	return MIN(one + other, LITERAL_FAR);
}

static guint32
far_product(guint32 one, guint32 other)
{
	return (guint32)MIN((guint64)one * other, LITERAL_FAR);
}

Width
width_sum(Width one, Width other)
{
	return (Width){ far_sum(one.least, other.least),
		far_sum(one.most, other.most) };
}

Width
width_product(Width one, guint32 least, guint32 most)
{
	return (Width){ far_product(one.least, least), far_product(one.most, most) };
}

void
run_begin(Run *run, Width before)
{
	run->count = 1;
	run->readings[0].length = 0;
	run->readings[0].bounds = 0;
	run->before = before;
	run->bounds = 0;
}

guint
run_shortest(const Run *run)
{
	guint length = G_MAXUINT;
	for (guint i = 0; i < run->count; i++)
		length = MIN(length, run->readings[i].length);
	return length;
}

guint
run_longest(const Run *run)
{
	guint length = 0;
	for (guint i = 0; i < run->count; i++)
		length = MAX(length, run->readings[i].length);
	return length;
}

guint8
run_bounds(const Run *run)
{
	guint8 bounds = run->bounds;
	for (guint i = 0; bounds != 0 && i < run->count; i++) {
		const Literal *literal = &run->readings[i];
		if (literal->length == 0)
			return 0;
		if (!literal_is_word(literal->text[0]))
			bounds &= (guint8)~LITERAL_BEGINS;
		if (!literal_is_word(literal->text[literal->length - 1]))
			bounds &= (guint8)~LITERAL_ENDS;
	}
	return bounds;
}

static void
append(Literal *literal, const Literal *more)
{
	memcpy(literal->text + literal->length, more->text, more->length);
	literal->length = (guint8)(literal->length + more->length);
}

/* Each reading of the run with each of what follows it; there is room for them. */
void
run_multiply(Run *run, const Run *more)
{
	Literal before[READINGS_MAX];
	guint count = run->count;
	if (more->count == 1) {
		for (guint i = 0; i < count; i++)
			append(&run->readings[i], &more->readings[0]);
		return;
	}
	memcpy(before, run->readings, count * sizeof *before);
	run->count = 0;
	for (guint i = 0; i < count; i++) {
		for (guint j = 0; j < more->count; j++) {
			run->readings[run->count] = before[i];
			append(&run->readings[run->count++], &more->readings[j]);
		}
	}
}

/* FALSE when there is no room for it. */
gboolean
run_add(Run *run, const char *text, gsize length)
{
	if (run->count >= READINGS_MAX || length > LITERAL_LENGTH_MAX)
		return FALSE;
	Literal *literal = &run->readings[run->count++];
	literal->length = (guint8)length;
	literal->bounds = 0;
	memcpy(literal->text, text, length);
	return TRUE;
}

gboolean
literal_is_word(char character)
{
	return g_ascii_isalnum(character) || character == '_';
}

gboolean
literal_is_white(char character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

/* One more that a "[...]" may read as; spaces are left out of a text. */
static gboolean
class_add(Run *class, char character)
{
	char letter = g_ascii_tolower(character);
	gsize length = literal_is_white(character) ? 0 : 1;
	for (guint i = 0; i < class->count; i++) {
		const Literal *known = &class->readings[i];
		if (known->length == length &&
		        (length == 0 || known->text[0] == letter))
			return TRUE;
	}
	return class->count < CLASS_MAX && run_add(class, &letter, length);
}

static gboolean
class_add_range(Run *class, char first, char last)
{
	gboolean fits = first <= last && last - first < CLASS_MAX;
	for (char letter = first; fits && letter <= last; letter++)
		fits = class_add(class, letter);
	return fits;
}

/* "\d" and "\." within "[...]". */
static gboolean
class_add_escape(Run *class, char escape)
{
	if (escape == 'd')
		return class_add_range(class, '0', '9');
	if (escape == 's')
		return class_add(class, ' ');
	return g_ascii_ispunct(escape) && class_add(class, escape);
}

const char *
literal_class_end(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at != '\0' && *at != ']') {
		const char *posix =
		        at[0] == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;
		if (posix != NULL)
			at = posix + 2;
		else
			at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	}
	return *at == ']' ? at : NULL;
}

gboolean
run_add_class(Run *run, const char *at, const char *end)
{
	gboolean known = *at != '^';
	for (const char *start = at; known && at < end;) {
		gboolean escape = *at == '\\';
		gboolean range = !escape && at + 2 < end && at[1] == '-';
		if (escape)
			known = class_add_escape(run, at[1]);
		else if (range)
			known = at[2] != '\\' && at[2] != '[' &&
			        class_add_range(run, at[0], at[2]);
		else
			known = !(*at == '[' && at[1] == ':') && class_add(run, *at);
		known = known && (guchar)*at < 0x80;
		at += range ? 3 : escape ? 2 : 1;
		/* "[\d-x]" */
		known = known && !(at > start && at + 1 < end && *at == '-');
	}
	return known && run->count > 0;
}
