#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/automaton.h"
#include "rules/literal_run.h"

/* Few letters, so that literals hold each other; '-' is part of no word. */
static const char few_letters[] = "aab-";
static const char many_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.:<>@";
static const char whites[] = { ' ', ' ', '\t', '\n', '\r', '\v', '\f' };

static char
any_of(GRand *random, const char *letters)
{
	return letters[g_rand_int_range(random, 0, (gint32)strlen(letters))];
}

static Literal
random_literal(GRand *random, const char *letters)
{
	Literal literal = { .length = (guint8)g_rand_int_range(
		                    random, 1, LITERAL_LENGTH_MAX + 1) };
	for (guint i = 0; i < literal.length; i++)
		literal.text[i] = any_of(random, letters);
	if (literal_is_word(literal.text[0]) && g_rand_boolean(random))
		literal.bounds |= LITERAL_BEGINS;
	if (literal_is_word(literal.text[literal.length - 1]) && g_rand_boolean(random))
		literal.bounds |= LITERAL_ENDS;
	return literal;
}

/* Letters, white space between and within words, what is in no literal; and literals. */
static char *
random_text(GRand *random, const char *letters, const GArray *literals, guint pieces)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < pieces; i++) {
		gint32 kind = g_rand_int_range(random, 0, 8);
		const Literal *literal = &g_array_index(literals, Literal,
		        (guint)g_rand_int_range(random, 0, (gint32)literals->len));
		if (kind == 0)
			g_string_append_c(
			        text, "\xe8\x01!"[g_rand_int_range(random, 0, 3)]);
		else if (kind < 3)
			g_string_append_c(
			        text, g_ascii_toupper(any_of(random, letters)));
		else if (kind < 5)
			g_string_append_c(text,
			        whites[g_rand_int_range(random, 0, sizeof whites)]);
		for (guint k = 0; kind >= 5 && k < literal->length; k++) {
			g_string_append_c(text, literal->text[k]);
			if (g_rand_int_range(random, 0, 4) == 0)
				g_string_append_c(text, ' ');
		}
	}
	return g_string_free(text, FALSE);
}

/* Where a literal that begins at a place ends; NULL: it does not stand there. */
static const char *
end_at(const Literal *literal, const char *text, const char *at)
{
	const char *begin = at;
	for (guint i = 0; i < literal->length; i++, at++) {
		while (i > 0 && literal_is_white(*at))
			at++;
		if (g_ascii_tolower(*at) != literal->text[i])
			return NULL;
	}
	if ((literal->bounds & LITERAL_BEGINS) != 0 && begin > text &&
	        literal_is_word(begin[-1]))
		return NULL;
	return (literal->bounds & LITERAL_ENDS) != 0 && literal_is_word(*at) ? NULL
	                                                                     : at;
}

/* What the view knows of a literal is what looking at each place finds. */
static void
check_literal(const View *view, guint number, const Literal *literal, const char *text)
{
	const Sight *sight = view_sight(view, number);
	const char *first = NULL, *last = NULL;
	for (const char *at = text; *at != '\0'; at++) {
		if (end_at(literal, text, at) == NULL)
			continue;
		first = first != NULL ? first : at;
		last = at;
	}
	if ((first != NULL) != (sight != NULL))
		fail_msg("'%.*s' (%u) in '%s': %s", literal->length, literal->text,
		        literal->bounds, text, sight != NULL ? "seen" : "not seen");
	if (sight == NULL)
		return;
	assert_int_equal(sight->first, first - text);
	assert_true(sight->last >= (guint32)(last - text));
	assert_true(sight->last < (guint32)(end_at(literal, text, last) - text));
}

typedef struct {
	GArray *literals; /* of Literal */
	GArray *numbers;  /* of guint */
	Automaton *automaton;
} Fixture;

static Fixture
make_fixture(GRand *random, const char *letters, guint count)
{
	Fixture fixture = { g_array_new(FALSE, FALSE, sizeof(Literal)),
		g_array_new(FALSE, FALSE, sizeof(guint)), automaton_new() };
	for (guint i = 0; i < count; i++) {
		Literal literal = random_literal(random, letters);
		guint number = automaton_add(fixture.automaton, &literal);
		g_array_append_val(fixture.literals, literal);
		g_array_append_val(fixture.numbers, number);
	}
	automaton_finish(fixture.automaton);
	return fixture;
}

static void
clear_fixture(Fixture *fixture)
{
	g_array_unref(fixture->literals);
	g_array_unref(fixture->numbers);
	automaton_free(fixture->automaton);
}

static void
check_view(const Fixture *fixture, const View *view, const char *text)
{
	for (guint i = 0; i < fixture->literals->len; i++)
		check_literal(view, g_array_index(fixture->numbers, guint, i),
		        &g_array_index(fixture->literals, Literal, i), text);
}

static void
test_few_letters(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20261124);
	for (guint round = 0; round < 40; round++) {
		Fixture fixture = make_fixture(random, few_letters, 30);
		View view = { 0 };
		for (guint i = 0; i < 50; i++) {
			g_autofree char *text =
			        random_text(random, few_letters, fixture.literals, i);
			automaton_scan(fixture.automaton, text, strlen(text), &view);
			check_view(&fixture, &view, text);
		}
		view_clear(&view);
		clear_fixture(&fixture);
	}
}

/* More states than there is room for rows: in one text, and from text to text. */
static void
test_many_states(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20261125);
	Fixture fixture = make_fixture(random, many_letters, 4000);
	View view = { 0 };
	for (guint i = 0; i < 4; i++) {
		g_autofree char *text = random_text(random, many_letters,
		        fixture.literals, i % 2 == 0 ? 9000 : 100);
		automaton_scan(fixture.automaton, text, strlen(text), &view);
		check_view(&fixture, &view, text);
	}
	view_clear(&view);
	clear_fixture(&fixture);
}

/* A view that is opened again knows what its own text holds, not what the last one did. */
static void
test_open(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20261126);
	Fixture fixture = make_fixture(random, few_letters, 30);
	View views[2] = { 0 };
	char *texts[2];
	for (guint i = 0; i < 2; i++) {
		texts[i] = random_text(random, few_letters, fixture.literals, 4);
		automaton_scan(
		        fixture.automaton, texts[i], strlen(texts[i]), &views[i]);
	}
	for (guint i = 0; i < 4; i++) {
		view_open(&views[i % 2]);
		check_view(&fixture, &views[i % 2], texts[i % 2]);
	}
	for (guint i = 0; i < 2; i++) {
		g_free(texts[i]);
		view_clear(&views[i]);
	}
	clear_fixture(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_letters),
		cmocka_unit_test(test_many_states),
		cmocka_unit_test(test_open),
	};
	return cmocka_run_group_tests_name("automaton", tests, NULL, NULL);
}
