#include "rules/literal.h"

#include <stdlib.h>
#include <string.h>

/* Shorter literals stand in every text; more alternatives than this are no filter. */
#define LITERAL_LENGTH_MIN 3
#define LITERALS_MAX 200
#define LITERAL_DEPTH_MAX 50

#define ZERO_WIDTH_ESCAPES "bBAZzGK"
#define ONE_CHARACTER_ESCAPES "dDwWsShHvVNntrfea"

/* An expression being read. */
typedef struct {
	const char *at;
	guint depth;
	gboolean given_up;
} Reader;

/* How often an atom must and may stand. */
typedef struct {
	gboolean optional, repeated;
} Quantifier;

static GPtrArray *read_alternatives(Reader *reader);

/* The length of "{2}", "{2,}" or "{2,5}"; 0 when the brace is a literal. */
static gsize
brace_length(const char *at)
{
	gsize digits = strspn(at + 1, "0123456789");
	const char *end = at + 1 + digits;
	if (digits == 0)
		return 0;
	if (*end == ',')
		end += 1 + strspn(end + 1, "0123456789");
	return *end == '}' ? (gsize)(end + 1 - at) : 0;
}

static Quantifier
read_quantifier(Reader *reader)
{
	Quantifier quantifier = { FALSE, FALSE };
	const char *at = reader->at;
	gsize brace = *at == '{' ? brace_length(at) : 0;
	/* "{,5}" and "{ 5 }" are literals to PCRE2 10.42 and quantifiers to 10.43 */
	reader->given_up |= *at == '{' && brace == 0 && at[1] != '\0' &&
	                    strchr(" \t,0123456789", at[1]) != NULL;
	if (brace == 0 && (*at == '\0' || strchr("?*+", *at) == NULL))
		return quantifier;
	quantifier.optional = brace > 0 ? strtoul(at + 1, NULL, 10) == 0 : *at != '+';
	quantifier.repeated = TRUE;
	reader->at += brace > 0 ? brace : 1;
	if (*reader->at == '?' || *reader->at == '+')
		reader->at++;
	return quantifier;
}

static gsize
shortest(const GPtrArray *literals)
{
	gsize length = G_MAXSIZE;
	for (guint i = 0; i < literals->len; i++)
		length = MIN(length, strlen(literals->pdata[i]));
	return length;
}

/* Keep the set whose weakest literal is the longer one. Takes both. */
static GPtrArray *
better(GPtrArray *one, GPtrArray *other)
{
	if (one == NULL || (other != NULL && shortest(other) > shortest(one))) {
		g_clear_pointer(&one, g_ptr_array_unref);
		return other;
	}
	g_clear_pointer(&other, g_ptr_array_unref);
	return one;
}

/* What was read in a row ends here. */
static GPtrArray *
end_run(GString *run, GPtrArray *best)
{
	GPtrArray *single = NULL;
	if (run->len > 0) {
		single = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(single, g_ascii_strdown(run->str, (gssize)run->len));
		g_string_truncate(run, 0);
	}
	return better(best, single);
}

/* Over "[...]", of which no literal is taken. */
static void
skip_class(Reader *reader)
{
	const char *at = reader->at + 1;
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
	reader->given_up |= *at == '\0';
	reader->at = at + (*at == ']');
}

/* Over the head of a group. Whether its inside is part of what is matched; a head that is
 * not known gives up. */
static gboolean
read_group_head(Reader *reader)
{
	static const struct {
		const char *head;
		gboolean counts;
	} heads[] = { { "(?:", TRUE }, { "(?>", TRUE }, { "(?|", TRUE },
		{ "(?=", FALSE }, { "(?!", FALSE }, { "(?<=", FALSE },
		{ "(?<!", FALSE } };
	for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
		if (g_str_has_prefix(reader->at, heads[i].head)) {
			reader->at += strlen(heads[i].head);
			return heads[i].counts;
		}
	}
	gboolean named = g_str_has_prefix(reader->at, "(?<") ||
	                 g_str_has_prefix(reader->at, "(?P<");
	const char *end = named ? strchr(reader->at, '>') : reader->at;
	reader->given_up |= end == NULL || (!named && (end[1] == '?' || end[1] == '*'));
	reader->at = end != NULL ? end + 1 : reader->at;
	return TRUE;
}

static GPtrArray *
read_group(Reader *reader)
{
	gboolean counts = read_group_head(reader);
	reader->given_up |= ++reader->depth > LITERAL_DEPTH_MAX;
	GPtrArray *inside = reader->given_up ? NULL : read_alternatives(reader);
	reader->depth--;
	reader->given_up |= *reader->at != ')';
	if (reader->given_up)
		return inside;
	reader->at++;
	if (read_quantifier(reader).optional || !counts)
		g_clear_pointer(&inside, g_ptr_array_unref);
	return inside;
}

/* A literal character, which a quantifier behind it may take out of the row. */
static GPtrArray *
read_character(Reader *reader, GString *run, GPtrArray *best)
{
	char character = *reader->at++;
	Quantifier quantifier = read_quantifier(reader);
	if (!quantifier.optional)
		g_string_append_c(run, character);
	if (!quantifier.repeated)
		return best;
	best = end_run(run, best);
	if (!quantifier.optional)
		g_string_append_c(run, character);
	return best;
}

static GPtrArray *
read_escape(Reader *reader, GString *run, GPtrArray *best)
{
	char character = *++reader->at;
	if (character != '\0' && strchr(ZERO_WIDTH_ESCAPES, character) != NULL) {
		reader->at++;
		read_quantifier(reader);
		return best;
	}
	if (g_ascii_ispunct(character) || character == ' ')
		return read_character(reader, run, best);
	best = end_run(run, best);
	if (character == '\0' || strchr(ONE_CHARACTER_ESCAPES, character) == NULL) {
		reader->given_up = TRUE;
		return best;
	}
	reader->at++;
	read_quantifier(reader);
	return best;
}

/* The best set of one alternative: any of its parts will do. */
static GPtrArray *
read_sequence(Reader *reader)
{
	g_autoptr(GString) run = g_string_new(NULL);
	GPtrArray *best = NULL;
	while (!reader->given_up && *reader->at != '\0' && *reader->at != '|' &&
	        *reader->at != ')') {
		switch (*reader->at) {
		case '(':
			best = end_run(run, best);
			best = better(best, read_group(reader));
			break;
		case '[':
			best = end_run(run, best);
			skip_class(reader);
			read_quantifier(reader);
			break;
		case '.':
			best = end_run(run, best);
			reader->at++;
			read_quantifier(reader);
			break;
		case '^':
		case '$':
			reader->at++;
			read_quantifier(reader);
			break;
		case '\\': best = read_escape(reader, run, best); break;
		default: best = read_character(reader, run, best);
		}
	}
	return end_run(run, best);
}

/* The sets of all alternatives together; NULL when one of them has none. */
static GPtrArray *
read_alternatives(Reader *reader)
{
	GPtrArray *all = read_sequence(reader);
	while (!reader->given_up && *reader->at == '|') {
		reader->at++;
		GPtrArray *next = read_sequence(reader);
		if (all == NULL || next == NULL ||
		        all->len + next->len > LITERALS_MAX) {
			g_clear_pointer(&all, g_ptr_array_unref);
			g_clear_pointer(&next, g_ptr_array_unref);
		} else {
			g_ptr_array_extend_and_steal(all, next);
		}
	}
	return all;
}

GPtrArray *
literal_find(const char *expression)
{
	Reader reader = { expression, 0, strstr(expression, "\\Q") != NULL };
	GPtrArray *literals = read_alternatives(&reader);
	if (literals != NULL && !reader.given_up && *reader.at == '\0' &&
	        shortest(literals) >= LITERAL_LENGTH_MIN)
		return literals;
	g_clear_pointer(&literals, g_ptr_array_unref);
	return NULL;
}

/* The length of an escape or group name at this place, whose letters are no text. */
static gsize
skip_syntax(const char *at)
{
	if (at[0] == '\\' && at[1] != '\0') {
		if (strchr("pPkgx", at[1]) != NULL && at[2] == '{')
			return strcspn(at, "}");
		return 2;
	}
	if (g_str_has_prefix(at, "(?P") || g_str_has_prefix(at, "(?<") ||
	        g_str_has_prefix(at, "(?'"))
		return strcspn(at, ">'!=)");
	if (g_str_has_prefix(at, "[:") || g_str_has_prefix(at, "(*"))
		return strcspn(at, "])");
	return 0;
}

static const char *
unfolded(const char *at)
{
	if (g_ascii_isupper(*at))
		return "a capital letter";
	if ((guchar)*at >= 0x80)
		return "an accented or special letter";
	return at[0] == ' ' && at[1] == ' ' ? "two spaces" : NULL;
}

void
literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings)
{
	for (const char *at = expression; *at != '\0';) {
		gsize syntax = skip_syntax(at);
		const char *what = syntax == 0 ? unfolded(at) : NULL;
		if (what != NULL) {
			problems_add(warnings, file, line,
			        "pattern '%s' holds %s, which folded text never does",
			        expression, what);
			return;
		}
		at += MAX(syntax, 1);
	}
}
