#include "rules/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/errors.h"

/*
 * Bytes, not UTF: folded text is ASCII but for foreign scripts, patterns are ASCII, and
 * without UTF PCRE2 neither checks the subject on each call nor can fail on it. A match that
 * ends inside a foreign letter is widened to the whole letter.
 */
#define PATTERN_OPTIONS                                                                \
	(PCRE2_CASELESS | PCRE2_DUPNAMES | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C | \
	        PCRE2_DOLLAR_ENDONLY | PCRE2_USE_OFFSET_LIMIT)

/* PCRE2 counts matches per starting point; a backtracking step costs a few nanoseconds, so a
 * pattern that explodes is given up within a millisecond. */
#define PATTERN_MATCH_LIMIT 20000
#define PATTERN_DEPTH_LIMIT 2000
#define PATTERN_HEAP_LIMIT_KIB 1024
#define PATTERN_STACK_START (32 * 1024)
#define PATTERN_STACK_MAX (256 * 1024)
#define PATTERN_GROUPS_MAX 64
#define PATTERN_NESTING_MAX 50
#define PATTERN_SOURCE_MAX (256 * 1024)

/* No starting point looks further ahead than this, so that an unbounded repeat costs no
 * square of a megabyte. A match is looked for again where less than the overlap was left. */
#define PATTERN_WINDOW 4096
#define PATTERN_OVERLAP 1024

/* Machine code takes as long to make as interpreting so many bytes does: most patterns of a
 * catalogue never see them. A try costs as much as some bytes do. */
#define PATTERN_COLD_BYTES 2000
#define PATTERN_TRY_BYTES 40

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_code, pcre2_code_free)

struct Pattern {
	pcre2_code *code; /* NULL: deferred */
	char *source;
	gboolean ready; /* to be run: it is compiled, if it can be */
	gboolean hot;   /* machine code was asked for */
	gboolean fast;  /* and is there */
	guint32 read;   /* bytes, while it is not hot */
};

/* One for the whole process, which is sequential: a match leaves nothing behind in it. */
static struct {
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_match_data *data;
	guint64 limit_hits;
} engine;

static void
engine_start(void)
{
	if (engine.data != NULL)
		return;
	engine.compile = pcre2_compile_context_create(NULL);
	pcre2_set_parens_nest_limit(engine.compile, PATTERN_NESTING_MAX);
	pcre2_set_max_pattern_length(engine.compile, PATTERN_SOURCE_MAX);
	engine.match = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(engine.match, PATTERN_MATCH_LIMIT);
	pcre2_set_depth_limit(engine.match, PATTERN_DEPTH_LIMIT);
	pcre2_set_heap_limit(engine.match, PATTERN_HEAP_LIMIT_KIB);
	pcre2_jit_stack *stack =
	        pcre2_jit_stack_create(PATTERN_STACK_START, PATTERN_STACK_MAX, NULL);
	pcre2_jit_stack_assign(engine.match, NULL, stack);
	engine.data = pcre2_match_data_create(PATTERN_GROUPS_MAX, NULL);
}

static pcre2_code *
compile(const char *expression, const char *file, int line, GError **error)
{
	int code = 0;
	PCRE2_SIZE offset = 0;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)expression,
	        PCRE2_ZERO_TERMINATED, PATTERN_OPTIONS, &code, &offset, engine.compile);
	if (compiled == NULL) {
		PCRE2_UCHAR message[160] = "";
		pcre2_get_error_message(code, message, sizeof message);
		error_set_config(error, file, line, "pattern '%s': %s at offset %zu",
		        expression, (const char *)message, (size_t)offset);
	}
	return compiled;
}

static gboolean
check_code(const pcre2_code *code, const char *expression, const char *file, int line,
        GError **error)
{
	guint32 groups = 0, empty = 0;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &empty);
	if (groups >= PATTERN_GROUPS_MAX)
		error_set_config(error, file, line,
		        "pattern '%s': %u groups, at most %d can be counted; write (?: "
		        ")",
		        expression, groups, PATTERN_GROUPS_MAX - 1);
	else if (empty)
		error_set_config(error, file, line,
		        "pattern '%s': matches the empty text", expression);
	else
		return TRUE;
	return FALSE;
}

Pattern *
pattern_compile(const char *expression, const char *file, int line, GError **error)
{
	engine_start();
	g_autoptr(pcre2_code) code = compile(expression, file, line, error);
	if (code == NULL || !check_code(code, expression, file, line, error))
		return NULL;
	Pattern *pattern = g_new0(Pattern, 1);
	pattern->code = g_steal_pointer(&code);
	pattern->source = g_strdup(expression);
	return pattern;
}

Pattern *
pattern_defer(const char *expression, gsize length)
{
	Pattern *pattern = g_new0(Pattern, 1);
	engine_start();
	pattern->source = g_strndup(expression, length);
	return pattern;
}

static void
warm(Pattern *pattern)
{
	pattern->hot = TRUE;
	pattern->fast = pattern->code != NULL &&
	                pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
}

/* Machine code is made for a pattern that mails ask for again and again: most of a catalogue never
 * is, and making it costs three times as much as all the rest of loading. Where the system
 * forbids executable memory, PCRE2 interprets: slower, same answer. */
static void
prepare(Pattern *pattern, gsize bytes)
{
	if (pattern->hot)
		return;
	if (!pattern->ready && pattern->code == NULL)
		pattern->code = compile(pattern->source, "", 0, NULL);
	pattern->ready = TRUE;
	pattern->read += (guint32)MIN(bytes, PATTERN_COLD_BYTES) + PATTERN_TRY_BYTES;
	if (pattern->read > PATTERN_COLD_BYTES)
		warm(pattern);
}

void
pattern_free(Pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_code_free(pattern->code);
	g_free(pattern->source);
	g_free(pattern);
}

const char *
pattern_source(const Pattern *pattern)
{
	return pattern->source;
}

guint64
pattern_limit_hits(void)
{
	return engine.limit_hits;
}

static gboolean
is_continuation(char byte)
{
	return ((guchar)byte & 0xC0) == 0x80;
}

/* A stretch of a subject: where a match may begin, and whether the subject goes on. */
typedef struct {
	const char *subject;
	gsize length;
	gsize first, last;
	guint32 options;
} Stretch;

/* Leave the bounds in the engine's match data. */
static gboolean
match_window(const Pattern *pattern, const Stretch *stretch)
{
	/* asked directly, machine code saves the checks of what was never in doubt */
	gboolean fast = pattern->fast && (stretch->options & PCRE2_NO_JIT) == 0;
	pcre2_set_offset_limit(engine.match, stretch->last);
	int result = (fast ? pcre2_jit_match : pcre2_match)(pattern->code,
	        (PCRE2_SPTR)stretch->subject, stretch->length, stretch->first,
	        stretch->options | PCRE2_NOTEMPTY, engine.data, engine.match);
	if (result < 0 && result != PCRE2_ERROR_NOMATCH)
		engine.limit_hits++;
	return result >= 0;
}

static gboolean
match_stretch(const Pattern *pattern, const Stretch *whole)
{
	const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(engine.data);
	Stretch window = *whole;
	window.options |= PCRE2_NOTEOL;
	while (whole->length - window.first > PATTERN_WINDOW) {
		gsize next = window.first + PATTERN_WINDOW - PATTERN_OVERLAP;
		window.length = window.first + PATTERN_WINDOW;
		window.last = MIN(whole->last, window.length);
		if (match_window(pattern, &window) && bounds[0] < next)
			return TRUE;
		if (whole->last < next)
			return FALSE;
		window.first = next;
	}
	window.options = whole->options;
	window.length = whole->length;
	window.last = whole->last;
	return match_window(pattern, &window);
}

static gboolean
find(const Pattern *pattern, const Stretch *stretch, gsize *start, gsize *end)
{
	const char *subject = stretch->subject;
	if (stretch->first > stretch->length || pattern->code == NULL ||
	        !match_stretch(pattern, stretch))
		return FALSE;
	const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(engine.data);
	*start = bounds[0];
	*end = MAX(bounds[1], bounds[0]);
	while (*start > 0 && *start < stretch->length &&
	        is_continuation(subject[*start]))
		--*start;
	while (*end < stretch->length && is_continuation(subject[*end]))
		++*end;
	return TRUE;
}

gboolean
pattern_find_within(Pattern *pattern, const char *subject, gsize length, gsize last,
        gsize *start, gsize *end)
{
	const Stretch stretch = { subject, length, *start, MIN(last, length), 0 };
	if (*start > stretch.last)
		return FALSE;
	prepare(pattern, stretch.last - *start);
	return find(pattern, &stretch, start, end);
}

gboolean
pattern_find(
        Pattern *pattern, const char *subject, gsize length, gsize *start, gsize *end)
{
	return pattern_find_within(pattern, subject, length, length, start, end);
}

gboolean
pattern_find_once_within(Pattern *pattern, const char *subject, gsize length,
        gsize last, gsize *start, gsize *end)
{
	const Stretch stretch = { subject, length, *start, MIN(last, length),
		PCRE2_NO_JIT };
	return *start <= stretch.last && find(pattern, &stretch, start, end);
}

gboolean
pattern_find_once(
        Pattern *pattern, const char *subject, gsize length, gsize *start, gsize *end)
{
	return pattern_find_once_within(pattern, subject, length, length, start, end);
}

char *
pattern_capture(Pattern *pattern, const char *subject, gsize length, const char *group)
{
	const Stretch stretch = { subject, length, 0, length, 0 };
	prepare(pattern, length);
	if (!match_stretch(pattern, &stretch))
		return NULL;
	PCRE2_UCHAR *value = NULL;
	PCRE2_SIZE size = 0;
	if (pcre2_substring_get_byname(engine.data, (PCRE2_SPTR)group, &value, &size) !=
	        0)
		return NULL;
	char *copy = g_strndup((const char *)value, size);
	pcre2_substring_free(value);
	return copy;
}
