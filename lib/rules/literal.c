#include "rules/literal.h"

#include <stdlib.h>
#include <string.h>

#include "rules/literal_run.h"

/* Shorter literals stand in every text; more alternatives than this are no filter. */
#define LITERAL_LENGTH_MIN 3
#define LITERALS_MAX 200
#define LITERAL_DEPTH_MAX 50
/* A run this long is not multiplied by more options than these: "dkim\\d" needs "dkim". */
#define LITERAL_LENGTH_GOOD 4
#define OPTIONS_MAX 4
/* A run this long is ended at the next word: a longer one would filter no better. */
#define LITERAL_ENOUGH 8

#define ZERO_WIDTH_ESCAPES "bBAZzGK"
#define ONE_CHARACTER_ESCAPES "dDwWsShHvVNntrfea"
#define DIGITS "0123456789"

typedef struct {
	LiteralSet at[LITERAL_SETS_MAX];
	guint count;
} Sets;

/* What was read of one alternative, or of a whole group. */
typedef struct {
	Run run; /* not ended yet */
	Sets sets;
	Width width;
	gboolean exact; /* there is nothing but the run */
} Sequence;

/* An expression being read. */
typedef struct {
	const char *at;
	guint depth;
	gboolean given_up;
	GArray *literals; /* of Literal: of all sets */
} Reader;

/* How often an atom must and may stand. */
typedef struct {
	guint32 least, most;
} Quantifier;

static void read_alternatives(Reader *reader, Sequence *whole);

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
brace_quantifier(const char *at)
{
	char *end = NULL;
	gulong least = strtoul(at + 1, &end, 10);
	gulong most = *end != ','     ? least
	              : end[1] == '}' ? LITERAL_FAR
	                              : strtoul(end + 1, NULL, 10);
	return (Quantifier){ (guint32)MIN(least, LITERAL_FAR),
		(guint32)MIN(most, LITERAL_FAR) };
}

static Quantifier
read_quantifier(Reader *reader)
{
	Quantifier quantifier = { 1, 1 };
	const char *at = reader->at;
	gsize brace = *at == '{' ? brace_length(at) : 0;
	/* "{,5}" and "{ 5 }" are literals to PCRE2 10.42 and quantifiers to 10.43 */
	reader->given_up |= *at == '{' && brace == 0 && at[1] != '\0' &&
	                    strchr(" \t,0123456789", at[1]) != NULL;
	if (brace == 0 && *at != '?' && *at != '*' && *at != '+')
		return quantifier;
	quantifier.least = *at == '+';
	quantifier.most = *at == '?' ? 1 : LITERAL_FAR;
	if (brace > 0)
		quantifier = brace_quantifier(at);
	reader->at += brace > 0 ? brace : 1;
	if (*reader->at == '?' || *reader->at == '+')
		reader->at++;
	return quantifier;
}

/* The longer its literals and the fewer, the better. */
static int
worth(const LiteralSet *set)
{
	return (int)set->shortest * 4 - (int)g_bit_storage(set->count);
}

/* Among equals the earlier comes first. */
static void
sets_add(Sets *sets, LiteralSet set)
{
	guint place = 0;
	while (place < sets->count && worth(&sets->at[place]) >= worth(&set))
		place++;
	if (place >= LITERAL_SETS_MAX)
		return;
	sets->count = MIN(sets->count + 1, LITERAL_SETS_MAX);
	memmove(&sets->at[place + 1], &sets->at[place],
	        (sets->count - place - 1) * sizeof set);
	sets->at[place] = set;
}

static void
sets_add_run(Reader *reader, Sets *sets, const Run *run)
{
	guint8 bounds = run_bounds(run);
	guint shortest = run_shortest(run);
	shortest +=
	        shortest > 1
	                ? bounds == (LITERAL_BEGINS | LITERAL_ENDS) ? 2 : bounds != 0
	                : 0;
	if (shortest < LITERAL_LENGTH_MIN)
		return;
	LiteralSet set = { reader->literals->len, run->count, shortest,
		run->before.least, run->before.most };
	g_array_append_vals(reader->literals, run->readings, run->count);
	for (guint i = 0; i < run->count; i++)
		g_array_index(reader->literals, Literal, set.first + i).bounds = bounds;
	sets_add(sets, set);
}

/* What was read in a row ends here, and something else may begin. */
static void
end_run(Reader *reader, Sequence *sequence)
{
	sets_add_run(reader, &sequence->sets, &sequence->run);
	run_begin(&sequence->run, sequence->width);
	sequence->exact = FALSE;
}

/* Something that reads as one of so many literals. */
static void
take_exact(Reader *reader, Sequence *sequence, const Run *atom, Width width)
{
	Run *run = &sequence->run;
	if ((atom->count > OPTIONS_MAX && run_shortest(run) >= LITERAL_LENGTH_GOOD) ||
	        run->count * atom->count > READINGS_MAX ||
	        run_longest(run) + run_longest(atom) > LITERAL_LENGTH_MAX)
		end_run(reader, sequence);
	gboolean begun = run_shortest(run) > 0;
	run_multiply(run, atom);
	if (run_longest(atom) > 0)
		run->bounds &= (guint8)~LITERAL_ENDS;
	/* spaces before the first letter are no part of the literal; nor is what may be left
	 * out */
	if (!begun)
		run->before.most =
		        run_shortest(run) == 0
		                ? far_sum(sequence->width.most, width.most)
		                : far_sum(sequence->width.most,
		                          width.most > 0 ? width.most - 1 : 0);
	sequence->width = width_sum(sequence->width, width);
	if (atom->count > 1 && run_shortest(run) >= LITERAL_ENOUGH)
		end_run(reader, sequence);
}

/* Something of which no more is known than what it needs. */
static void
take_sets(Reader *reader, Sequence *sequence, const Sets *sets, Width width)
{
	end_run(reader, sequence);
	for (guint i = 0; sets != NULL && i < sets->count; i++) {
		LiteralSet set = sets->at[i];
		set.least = far_sum(set.least, sequence->width.least);
		set.most = far_sum(set.most, sequence->width.most);
		sets_add(&sequence->sets, set);
	}
	sequence->width = width_sum(sequence->width, width);
	run_begin(&sequence->run, sequence->width);
}

/* The last of several begins a run of its own. */
static void
take_repeated(Reader *reader, Sequence *sequence, const Run *atom, Width width,
        Quantifier quantifier)
{
	take_exact(reader, sequence, atom, width);
	end_run(reader, sequence);
	sequence->width = width_sum(sequence->width,
	        width_product(width, quantifier.least - 1, quantifier.most - 1));
	sequence->run = *atom;
	sequence->run.bounds = 0;
	sequence->run.before = sequence->width;
	sequence->run.before.least -= MIN(width.least, sequence->width.least);
}

static void
take(Reader *reader, Sequence *sequence, Run *atom, Width width, Quantifier quantifier)
{
	Width all = width_product(width, quantifier.least, quantifier.most);
	gboolean blank = run_longest(atom) == 0;
	if (blank || quantifier.most == 1) {
		gboolean fits = quantifier.least > 0 || blank || run_add(atom, "", 0);
		if (fits)
			take_exact(reader, sequence, atom, all);
		else
			take_sets(reader, sequence, NULL, all);
	} else if (quantifier.least == 0 || quantifier.most == 0) {
		take_sets(reader, sequence, NULL, all);
	} else {
		take_repeated(reader, sequence, atom, width, quantifier);
	}
}

/* A character of which nothing is known. */
static void
take_any(Reader *reader, Sequence *sequence)
{
	Quantifier quantifier = read_quantifier(reader);
	take_sets(reader, sequence, NULL, (Width){ quantifier.least, quantifier.most });
}

static void
take_class(Reader *reader, Sequence *sequence)
{
	Run class;
	const char *inside = reader->at + 1;
	const char *end = literal_class_end(inside);
	reader->given_up |= end == NULL;
	if (reader->given_up)
		return;
	reader->at = end + 1;
	class.count = 0;
	if (!run_add_class(&class, inside, end)) {
		take_any(reader, sequence);
		return;
	}
	Quantifier quantifier = read_quantifier(reader);
	take(reader, sequence, &class, (Width){ 1, 1 }, quantifier);
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

static void
take_group(Reader *reader, Sequence *sequence)
{
	Sequence inside;
	gboolean counts = read_group_head(reader);
	reader->given_up |= ++reader->depth > LITERAL_DEPTH_MAX;
	if (!reader->given_up)
		read_alternatives(reader, &inside);
	reader->depth--;
	reader->given_up |= *reader->at != ')';
	if (reader->given_up)
		return;
	reader->at++;
	Quantifier quantifier = read_quantifier(reader);
	Width all = width_product(inside.width, quantifier.least, quantifier.most);
	if (counts && inside.exact)
		take(reader, sequence, &inside.run, inside.width, quantifier);
	else if (counts)
		take_sets(reader, sequence, quantifier.least > 0 ? &inside.sets : NULL,
		        all);
}

static void
take_one_of(Reader *reader, Sequence *sequence, const char *characters)
{
	Run run;
	Quantifier quantifier = read_quantifier(reader);
	run.count = 0;
	for (; *characters != '\0'; characters++)
		run_add(&run, characters, literal_is_white(*characters) ? 0 : 1);
	take(reader, sequence, &run, (Width){ 1, 1 }, quantifier);
}

/* A letter that stands once, which most of an expression is: the same as take_exact() makes of
 * it. FALSE when it is not as simple as that. */
static gboolean
take_letter(Reader *reader, Sequence *sequence)
{
	Run *run = &sequence->run;
	Literal *only = &run->readings[0];
	char next = reader->at[0] != '\0' ? reader->at[1] : '\0';
	if (run->count != 1 || only->length >= LITERAL_LENGTH_MAX || next == '?' ||
	        next == '*' || next == '+' || next == '{' ||
	        literal_is_white(*reader->at))
		return FALSE;
	if (only->length == 0)
		run->before.most = sequence->width.most;
	run->bounds &= (guint8)~LITERAL_ENDS;
	only->text[only->length++] = g_ascii_tolower(*reader->at++);
	sequence->width = width_sum(sequence->width, (Width){ 1, 1 });
	return TRUE;
}

/* A run that is long enough ends with its word. */
static void
take_character(Reader *reader, Sequence *sequence)
{
	if (take_letter(reader, sequence))
		return;
	char character[2] = { g_ascii_tolower(*reader->at++), '\0' };
	if (literal_is_white(character[0]) &&
	        run_shortest(&sequence->run) >= LITERAL_ENOUGH)
		end_run(reader, sequence);
	take_one_of(reader, sequence, character);
}

static void
take_escape(Reader *reader, Sequence *sequence)
{
	char character = *++reader->at;
	if (g_ascii_ispunct(character) || character == ' ') {
		take_character(reader, sequence);
		return;
	}
	reader->given_up |= character == '\0';
	if (reader->given_up)
		return;
	reader->at++;
	if (character == 'b' && read_quantifier(reader).least > 0)
		sequence->run.bounds |= run_longest(&sequence->run) == 0
		                                ? LITERAL_BEGINS
		                                : LITERAL_ENDS;
	else if (strchr(ZERO_WIDTH_ESCAPES, character) != NULL)
		read_quantifier(reader);
	else if (character == 'd' || character == 's')
		take_one_of(reader, sequence, character == 'd' ? DIGITS : " ");
	else if (strchr(ONE_CHARACTER_ESCAPES, character) != NULL)
		take_any(reader, sequence);
	else
		reader->given_up = TRUE;
}

static void
take_atom(Reader *reader, Sequence *sequence)
{
	switch (*reader->at) {
	case '(': take_group(reader, sequence); break;
	case '[': take_class(reader, sequence); break;
	case '.':
		reader->at++;
		take_any(reader, sequence);
		break;
	case '^':
	case '$':
		reader->at++;
		read_quantifier(reader);
		break;
	case '\\': take_escape(reader, sequence); break;
	default: take_character(reader, sequence);
	}
}

/* One alternative: all of its parts must stand. Its run is left open where it is all there is. */
static void
read_sequence(Reader *reader, Sequence *sequence)
{
	sequence->sets.count = 0;
	sequence->width = (Width){ 0, 0 };
	sequence->exact = TRUE;
	run_begin(&sequence->run, sequence->width);
	while (!reader->given_up && *reader->at != '\0' && *reader->at != '|' &&
	        *reader->at != ')')
		take_atom(reader, sequence);
	sets_add_run(reader, &sequence->sets, &sequence->run);
}

/* Of each alternative its set of that rank, or its last. */
static void
join_rank(Reader *reader, const GArray *alternatives, guint rank, Sets *joined)
{
	LiteralSet all = { reader->literals->len, 0, G_MAXUINT, G_MAXUINT32, 0 };
	for (guint i = 0; i < alternatives->len; i++) {
		const Sets *sets = &g_array_index(alternatives, Sets, i);
		const LiteralSet *one = &sets->at[MIN(rank, sets->count - 1)];
		all.count += one->count;
		all.shortest = MIN(all.shortest, one->shortest);
		all.least = MIN(all.least, one->least);
		all.most = MAX(all.most, one->most);
		if (all.count > LITERALS_MAX)
			return;
		g_array_set_size(reader->literals, all.first + all.count);
		memcpy(&g_array_index(reader->literals, Literal,
		               all.first + all.count - one->count),
		        &g_array_index(reader->literals, Literal, one->first),
		        one->count * sizeof(Literal));
	}
	sets_add(joined, all);
}

/* What one alternative or the other needs: of each one set, side by side. */
static void
join_sets(Reader *reader, const GArray *alternatives, Sets *joined)
{
	guint most = 0, least = G_MAXUINT;
	joined->count = 0;
	for (guint i = 0; i < alternatives->len; i++) {
		const Sets *sets = &g_array_index(alternatives, Sets, i);
		most = MAX(most, sets->count);
		least = MIN(least, sets->count);
	}
	for (guint rank = 0; least > 0 && rank < most; rank++)
		join_rank(reader, alternatives, rank, joined);
}

/* Add the readings of one alternative to those of the others; FALSE when they are too many. */
static gboolean
join_run(Run *whole, const Sequence *one)
{
	if (!one->exact || whole->count + one->run.count > READINGS_MAX)
		return FALSE;
	memcpy(&whole->readings[whole->count], one->run.readings,
	        one->run.count * sizeof(Literal));
	whole->count += one->run.count;
	return TRUE;
}

static void
read_alternatives(Reader *reader, Sequence *whole)
{
	g_autoptr(GArray) alternatives = g_array_new(FALSE, FALSE, sizeof(Sets));
	whole->exact = TRUE;
	whole->run.count = 0;
	whole->width = (Width){ LITERAL_FAR, 0 };
	do {
		Sequence one;
		reader->at += alternatives->len > 0;
		read_sequence(reader, &one);
		g_array_append_val(alternatives, one.sets);
		whole->exact = whole->exact && join_run(&whole->run, &one);
		whole->width.least = MIN(whole->width.least, one.width.least);
		whole->width.most = MAX(whole->width.most, one.width.most);
	} while (!reader->given_up && *reader->at == '|');
	if (!whole->exact)
		join_sets(reader, alternatives, &whole->sets);
}

void
literal_reading_free(LiteralReading *reading)
{
	g_array_unref(reading->alternatives);
	g_array_unref(reading->literals);
	g_free(reading);
}

LiteralReading *
literal_read(const char *expression)
{
	LiteralReading *reading = g_new0(LiteralReading, 1);
	reading->alternatives = g_array_new(FALSE, TRUE, sizeof(LiteralAlternative));
	reading->literals = g_array_new(FALSE, FALSE, sizeof(Literal));
	Reader reader = { expression, 0, strstr(expression, "\\Q") != NULL,
		reading->literals };
	do {
		Sequence one;
		const char *start = reader.at += reading->alternatives->len > 0;
		read_sequence(&reader, &one);
		LiteralAlternative alternative = { .source = start,
			.length = (gsize)(reader.at - start),
			.count = one.sets.count };
		memcpy(alternative.sets, one.sets.at, sizeof alternative.sets);
		g_array_append_val(reading->alternatives, alternative);
	} while (!reader.given_up && *reader.at == '|');
	if (!reader.given_up && *reader.at == '\0')
		return reading;
	literal_reading_free(reading);
	return NULL;
}
