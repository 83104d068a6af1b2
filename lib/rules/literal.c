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

static GPtrArray *
sets_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
}

/* Literals are joined again and again on the way out of nested groups: they are counted, not
 * copied. */
static GPtrArray *
literals_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)g_ref_string_release);
}

static gsize
shortest(const GPtrArray *literals)
{
	gsize length = G_MAXSIZE;
	for (guint i = 0; i < literals->len; i++)
		length = MIN(length, g_ref_string_length(literals->pdata[i]));
	return length;
}

/* Add a set to those of one alternative, the one whose weakest literal is longest first; among
 * equals the earlier. Takes it. */
static void
sets_add(GPtrArray *sets, GPtrArray *literals)
{
	guint place = 0;
	while (place < sets->len && shortest(sets->pdata[place]) >= shortest(literals))
		place++;
	g_ptr_array_insert(sets, (gint)place, literals);
	if (sets->len > LITERAL_SETS_MAX)
		g_ptr_array_set_size(sets, LITERAL_SETS_MAX);
}

/* Add all of the sets; NULL: none. */
static void
sets_add_all(GPtrArray *sets, const GPtrArray *added)
{
	for (guint i = 0; added != NULL && i < added->len; i++)
		sets_add(sets, g_ptr_array_ref(added->pdata[i]));
}

/* What was read in a row ends here. */
static void
end_run(GString *run, GPtrArray *sets)
{
	if (run->len < LITERAL_LENGTH_MIN) {
		g_string_truncate(run, 0);
		return;
	}
	GPtrArray *single = literals_new();
	for (gsize i = 0; i < run->len; i++)
		run->str[i] = g_ascii_tolower(run->str[i]);
	g_ptr_array_add(single, g_ref_string_new_len(run->str, (gssize)run->len));
	g_string_truncate(run, 0);
	sets_add(sets, single);
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

/* The sets that its inside needs, or NULL. */
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

/* A literal character, which a quantifier behind it may take out of the row. Spaces are left
 * out, however many there may be. */
static void
read_character(Reader *reader, GString *run, GPtrArray *sets)
{
	char character = *reader->at++;
	Quantifier quantifier = read_quantifier(reader);
	if (character == ' ')
		return;
	if (!quantifier.optional)
		g_string_append_c(run, character);
	if (!quantifier.repeated)
		return;
	end_run(run, sets);
	if (!quantifier.optional)
		g_string_append_c(run, character);
}

static void
read_escape(Reader *reader, GString *run, GPtrArray *sets)
{
	char character = *++reader->at;
	if (character != '\0' && strchr(ZERO_WIDTH_ESCAPES, character) != NULL) {
		reader->at++;
		read_quantifier(reader);
		return;
	}
	if (g_ascii_ispunct(character) || character == ' ') {
		read_character(reader, run, sets);
		return;
	}
	end_run(run, sets);
	if (character == '\0' || strchr(ONE_CHARACTER_ESCAPES, character) == NULL) {
		reader->given_up = TRUE;
		return;
	}
	reader->at++;
	read_quantifier(reader);
}

static void
read_atom(Reader *reader, GString *run, GPtrArray *sets)
{
	g_autoptr(GPtrArray) inside = NULL;
	switch (*reader->at) {
	case '(':
		end_run(run, sets);
		inside = read_group(reader);
		sets_add_all(sets, inside);
		break;
	case '[':
		end_run(run, sets);
		skip_class(reader);
		read_quantifier(reader);
		break;
	case '.':
		end_run(run, sets);
		reader->at++;
		read_quantifier(reader);
		break;
	case '^':
	case '$':
		reader->at++;
		read_quantifier(reader);
		break;
	case '\\': read_escape(reader, run, sets); break;
	default: read_character(reader, run, sets);
	}
}

/* The sets of one alternative: all of its parts must stand. */
static GPtrArray *
read_sequence(Reader *reader)
{
	g_autoptr(GString) run = g_string_new(NULL);
	GPtrArray *sets = sets_new();
	while (!reader->given_up && *reader->at != '\0' && *reader->at != '|' &&
	        *reader->at != ')')
		read_atom(reader, run, sets);
	end_run(run, sets);
	return sets;
}

static void
add_literals(GPtrArray *literals, const GPtrArray *added)
{
	for (guint i = 0; i < added->len; i++)
		g_ptr_array_add(literals, g_ref_string_acquire(added->pdata[i]));
}

/* Of each alternative its set of that rank, or its last; NULL: too many literals. */
static GPtrArray *
join_rank(const GPtrArray *alternatives, guint rank)
{
	g_autoptr(GPtrArray) joined = literals_new();
	for (guint i = 0; i < alternatives->len; i++) {
		const GPtrArray *sets = alternatives->pdata[i];
		add_literals(joined, sets->pdata[MIN(rank, sets->len - 1)]);
		if (joined->len > LITERALS_MAX)
			return NULL;
	}
	return g_steal_pointer(&joined);
}

/* What one alternative or the other needs: of each one set, side by side. */
static GPtrArray *
join_sets(const GPtrArray *alternatives)
{
	GPtrArray *joined = sets_new();
	guint most = 0, least = G_MAXUINT;
	for (guint i = 0; i < alternatives->len; i++) {
		const GPtrArray *sets = alternatives->pdata[i];
		most = MAX(most, sets->len);
		least = MIN(least, sets->len);
	}
	for (guint rank = 0; least > 0 && rank < most; rank++) {
		GPtrArray *literals = join_rank(alternatives, rank);
		if (literals != NULL)
			sets_add(joined, literals);
	}
	return joined;
}

static GPtrArray *
read_alternatives(Reader *reader)
{
	g_autoptr(GPtrArray) alternatives = sets_new();
	g_ptr_array_add(alternatives, read_sequence(reader));
	while (!reader->given_up && *reader->at == '|') {
		reader->at++;
		g_ptr_array_add(alternatives, read_sequence(reader));
	}
	return join_sets(alternatives);
}

void
literal_alternative_free(LiteralAlternative *alternative)
{
	g_free(alternative->source);
	g_ptr_array_unref(alternative->sets);
	g_free(alternative);
}

GPtrArray *
literal_find(const char *expression)
{
	Reader reader = { expression, 0, strstr(expression, "\\Q") != NULL };
	g_autoptr(GPtrArray) alternatives = g_ptr_array_new_with_free_func(
	        (GDestroyNotify)literal_alternative_free);
	do {
		const char *start = reader.at += alternatives->len > 0;
		LiteralAlternative *alternative = g_new0(LiteralAlternative, 1);
		alternative->sets = read_sequence(&reader);
		alternative->source = g_strndup(start, (gsize)(reader.at - start));
		g_ptr_array_add(alternatives, alternative);
	} while (!reader.given_up && *reader.at == '|');
	if (!reader.given_up && *reader.at == '\0')
		return g_steal_pointer(&alternatives);
	return NULL;
}

/* The length of an escape or group name at this place, whose letters are no text. */
static gsize
skip_syntax(const char *at)
{
	if (*at != '\\' && *at != '(' && *at != '[')
		return 0;
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
