/* The segments of a passage: what each folds to is taken from the passage, and must be what the
 * segment's own text folds to. (None of these texts has a client code, which is joined then.) */

#include <string.h>

#include "tests/suite.h"
#include "triage/segment.h"

static void
check_segment(const Segment *segment)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	const GString *text = segment->text;
	g_autoptr(FoldedText) wanted = text_fold(text->str, (gssize)text->len, TRUE);
	assert_string_equal(segment->folded->text, wanted->text);
	assert_int_equal(segment->folded->length, wanted->length);
	assert_memory_equal(segment->folded->offsets, wanted->offsets,
	        (wanted->length + 1) * sizeof *wanted->offsets);
	utterance_codes(text->str, code, status);
	assert_string_equal(segment->code, code);
	assert_string_equal(segment->status, status);
	assert_int_equal(segment->starts->len, segment->lines->len);
}

/* How many segments a text has, when all are right. */
static guint
check_lines(const char *text, gboolean headers)
{
	Passage *passage = passage_new(text, strlen(text), "1", ORIGIN_WORDS, 1);
	g_autoptr(Passages) passages = passages_new();
	g_ptr_array_add(passages->passages, passage);
	passage->headers = headers;
	g_autoptr(GPtrArray) segments = segments_of(passage);
	for (guint i = 0; i < segments->len; i++)
		check_segment(g_ptr_array_index(segments, i));
	return segments->len;
}

static guint
check_text(const char *text)
{
	return check_lines(text, FALSE);
}

static const struct sample {
	const char *name, *text;
	guint wanted;
} samples[] = {
	{ "nothing", "", 0 },
	{ "blank lines", "\n \n\t\n", 0 },
	{ "a line", "Il Server HA risposto", 1 },
	{ "a paragraph", "Il server\n  ha   risposto: \n\"no\"", 1 },
	{ "paragraphs", "uno\n\ndue\n \ntre", 3 },
	{ "an accent as an apostrophe at a line's end", "perche'\n'e' cosi'\n\ne'", 2 },
	{ "an apostrophe that opens a line", "la casa\n' x\n'e", 1 },
	{ "not seen", "\xe2\x80\x8b\nuno\n\xe2\x80\x8b\ndue\n\xe2\x80\x8b", 1 },
	{ "spaces that are none to C", "\xc2\xa0uno\xc2\xa0\n\x01 due\x01\n\x0b\ntre",
	        1 },
	{ "longer when it is folded", "\xef\xb7\xba\n\xe2\x80\xa6x\n\xef\xac\x81", 1 },
	{ "a reply of several lines", "550-5.7.26 uno\n550-5.7.26 due\n550 5.7.26 tre",
	        1 },
	{ "two replies", "550 5.1.1 uno\n552 5.2.2 due", 2 },
	{ "a code, its status on the next line", "error: 550\n5.1.1 unknown user", 1 },
	{ "tokens", "from <a@b.it> [192.0.2.1]\nqueued as 4Fx9ab12cd34 by\na@c.it", 1 },
	{ "hours", "12:45:50 smtp\n04:54:55 imap\n44", 1 },
};

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	assert_int_equal(check_text(sample->text), sample->wanted);
}

static void
test_random(void **state)
{
	static const char *const pieces[] = { "\n", "\n", " ", "\t", "'", "e", "a", "z",
		"E'", "550", "550-", "5.7.26", "-", " 5.1.1 ", "451", "user ",
		"\xc3\xa8", "\xe2\x80\x99", "\xe2\x80\x8b", "\xc2\xa0", "\xe2\x80\xa6",
		"\x01", "a@b.it", "<", ">", "192.168.1.1", "4f9ab12cd345", ":",
		"\xf0\x9f\x98\x80", "\n\n" };
	guint many = 0;
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 5000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (gint i = g_rand_int_range(chance, 0, 60); i > 0; i--)
			g_string_append(text, pieces[g_rand_int_range(chance, 0,
			                              G_N_ELEMENTS(pieces))]);
		many += check_text(text->str) > 1;
	}
	assert_in_range(many, 1000, 5000);
}

/* Lines that are cut, within a word and beside an apostrophe, and paragraphs that are. */
static void
test_long(void **state)
{
	(void)state;
	for (guint length = 1990; length < 2010; length++) {
		g_autoptr(GString) text = g_string_new("prima\n");
		for (guint i = 0; i < length; i++)
			g_string_append_c(text, "ex'"[i % 3]);
		g_string_append(text, "' E' \xc3\xa8 qui\ndopo");
		assert_int_equal(check_text(text->str), 1);
		g_string_append(text, "\n\n");
		for (guint i = 0; i < 2 * length; i++)
			g_string_append(text, "perch\xc3\xa8' ");
		assert_in_range(check_text(text->str), 2, 20);
	}
}

static const struct sample headers[] = {
	{ "no field of an error", "From: a@b.it\nTo: c@d.it\n Subject: no", 0 },
	{ "a subject", "From: a\nSUBJECT: uno\n due\nTo: b", 1 },
	{ "a report's",
	        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;\n 550 no", 3 },
	{ "a field's beginning", "Subject\n\nStatus", 0 },
	{ "behind a blank line", "X: y\n\nSubject: x\n\nSubject: y", 2 },
};

static void
test_header(void **state)
{
	const struct sample *sample = *state;
	assert_int_equal(check_lines(sample->text, TRUE), sample->wanted);
}

/* Fields that are passed over count as well. */
static void
test_header_bound(void **state)
{
	(void)state;
	for (guint fields = 998; fields < 1003; fields++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (guint i = 0; i < fields; i++)
			g_string_append(text, "X-Any: 550 5.1.1 no\n");
		g_string_append(text, "Subject: x");
		assert_int_equal(check_lines(text->str, TRUE), fields <= 1000);
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_sample);
	suite_add_table(suite, headers, test_header);
	suite_add(suite, cmocka_unit_test(test_header_bound),
	        cmocka_unit_test(test_random), cmocka_unit_test(test_long));
	return suite_run(suite, "segment", NULL, NULL);
}
