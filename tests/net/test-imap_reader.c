#include <string.h>

#include "base/errors.h"
#include "net/imap_reader.h"
#include "tests/suite.h"

#define KEEP 10
#define MANY 2000

/* What a server says, and the answers that must come of it, as print_answer() writes them. */
static const struct sample {
	const char *name, *said, *wanted;
	gsize size; /* of said, where it holds NUL bytes */
} samples[] = {
	{ .name = "greeting",
	        .said = "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n",
	        .wanted = "* OK [CAPABILITY|IMAP4rev1 IDLE] ready\n" },
	{ .name = "tagged",
	        .said = "T1 ok done\r\nT2 NO\r\nT3 BAD [CLIENTBUG] what?\r\n",
	        .wanted = "T1 OK done\nT2 NO \nT3 BAD [CLIENTBUG] what?\n" },
	{ .name = "continuation",
	        .said = "+ idling\r\n+\r\n+ \r\n",
	        .wanted = "+ idling\n+ \n+ \n" },
	{ .name = "numbers",
	        .said = "* 12 EXISTS\r\n* 0 recent\r\n* 4294967295 EXPUNGE\r\n",
	        .wanted = "*12 EXISTS\n*0 RECENT\n*4294967295 EXPUNGE\n" },
	{ .name = "fetch",
	        .said = "* 1 FETCH (FLAGS (\\Seen $x) UID 4 BODY[HEADER.FIELDS (A B)] "
	                "NIL)\r\n",
	        .wanted = "*1 FETCH (FLAGS (\\Seen $x) UID 4 BODY[HEADER.FIELDS (A B)] "
	                  "NIL)\n" },
	{ .name = "empty lists",
	        .said = "* 1 FETCH ( ) (())\r\n",
	        .wanted = "*1 FETCH () (())\n" },
	{ .name = "quoted",
	        .said = "* LIST (\\X) \"/\" \"a \\\"b\\\\ c {3}\"\r\n",
	        .wanted = "* LIST (\\X) \"/\" \"a \"b\\ c {3}\"\n" },
	{ .name = "quoted at the end",
	        .said = "* LIST () \".\" \"x{3}\"\r\nT1 OK\r\n",
	        .wanted = "* LIST () \".\" \"x{3}\"\nT1 OK \n" },
	{ .name = "braces in words",
	        .said = "* OK take {5}\r\nT1 NO no {99}\r\n",
	        .wanted = "* OK take {5}\nT1 NO no {99}\n" },
	{ .name = "literal",
	        .said = "* 1 FETCH (UID 7 BODY[] {5}\r\na)\r\nb)\r\nT1 OK\r\n",
	        .wanted = "*1 FETCH (UID 7 BODY[] {5:a)\\r\\nb})\nT1 OK \n" },
	{ .name = "literal of answers",
	        .said = "* 1 FETCH (BODY[]<0> {9}\r\nA5 OK x\r\n)\r\n",
	        .wanted = "*1 FETCH (BODY[]<0> {9:A5 OK x\\r\\n})\n" },
	{ .name = "literals",
	        .said = "* LIST () {1}\r\n/ {0}\r\n\r\n* X ~{2}\r\nab {1+}\r\nc\r\n",
	        .wanted = "* LIST () {1:/} {0:}\n* X {2:ab} {1:c}\n" },
	{ .name = "literal cut",
	        .said = "* X {12}\r\n0123456789ab {3}\r\nabc y\r\n* X {3}\r\nabc\r\n",
	        .wanted = "* X {12:0123456789} {3:} y\n* X {3:abc}\n" },
	{ .name = "NUL in a literal",
	        .said = "* X {3}\r\na\0b\r\n",
	        .size = 14,
	        .wanted = "* X {3:a\\0b}\n" },
	{ .name = "bare LF",
	        .said = "* X {2}\nab\nT1 OK x\n",
	        .wanted = "* X {2:ab}\nT1 OK x\n" },
	{ .name = "empty lines",
	        .said = "\r\n\r\n* 1 EXISTS\r\n\r\nT1 OK\r\n",
	        .wanted = "*1 EXISTS\nT1 OK \n" },
	{ .name = "codes",
	        .said = "* OK [PERMANENTFLAGS (a] \\*)] x\r\n* OK [UIDNEXT 4]\r\n* OK "
	                "[open x\r\n",
	        .wanted = "* OK [PERMANENTFLAGS|(a] \\*)] x\n* OK [UIDNEXT|4] \n* OK "
	                  "[open x\n" },
	{ .name = "nested as deep as may be",
	        .said = "* X ((((((((((((((((((((1))))))))))))))))))))\r\n",
	        .wanted = "* X ((((((((((((((((((((1))))))))))))))))))))\n" },
	{ .name = "nested too deep",
	        .said = "* X (((((((((((((((((((((1)))))))))))))))))))))\r\n",
	        .wanted = "!" },
	{ .name = "absurd literal", .said = "* X {1073741825}\r\n", .wanted = "!" },
	{ .name = "more absurd literal",
	        .said = "* X {99999999999999999999}\r\n",
	        .wanted = "!" },
	{ .name = "NUL in a line",
	        .said = "* 1 EX\0STS\r\n",
	        .size = 13,
	        .wanted = "!" },
	{ .name = "HTTP", .said = "HTTP/1.1 400 Bad Request\r\n", .wanted = "!" },
	{ .name = "tagged data", .said = "T1 FETCH x\r\n", .wanted = "!" },
	{ .name = "nothing", .said = "*\r\n", .wanted = "!" },
	{ .name = "open list", .said = "* X (a\r\n", .wanted = "!" },
	{ .name = "open quote", .said = "* X \"a\r\n", .wanted = "!" },
	{ .name = "quote across lines",
	        .said = "* X \"a {3}\r\nabc\"\r\n",
	        .wanted = "!" },
	{ .name = "stray parenthesis", .said = "* X a)\r\n", .wanted = "!" },
	{ .name = "brace that is no literal", .said = "* X {a}\r\n", .wanted = "!" },
	{ .name = "answers, then rubbish",
	        .said = "* 1 EXISTS\r\nwhat?\r\n* 2 EXISTS\r\n",
	        .wanted = "*1 EXISTS\n!" },
};

static void
print_bytes(GString *out, const ImapValue *value)
{
	gsize size;
	const char *bytes = g_bytes_get_data(value->bytes, &size);
	g_string_append_printf(out, "{%zu:", value->full_size);
	for (gsize i = 0; i < size; i++)
		if (bytes[i] == '\r' || bytes[i] == '\n' || bytes[i] == '\0')
			g_string_append(out, bytes[i] == '\r'   ? "\\r"
			                     : bytes[i] == '\n' ? "\\n"
			                                        : "\\0");
		else
			g_string_append_c(out, bytes[i]);
	g_string_append_c(out, '}');
}

static void
print_value(GString *out, const ImapValue *value)
{
	switch (value->kind) {
	case IMAP_ATOM: g_string_append(out, value->text); break;
	case IMAP_NIL: g_string_append(out, "NIL"); break;
	case IMAP_STRING:
		if (value->bytes != NULL)
			print_bytes(out, value);
		else
			g_string_append_printf(out, "\"%s\"", value->text);
		break;
	case IMAP_LIST:
		g_string_append_c(out, '(');
		for (guint i = 0; i < value->list->len; i++) {
			g_string_append(out, i > 0 ? " " : "");
			print_value(out, g_ptr_array_index(value->list, i));
		}
		g_string_append_c(out, ')');
		break;
	}
}

static void
print_words(GString *out, const ImapAnswer *answer)
{
	if (answer->code != NULL)
		g_string_append_printf(out, "[%s%s%s] ", answer->code,
		        answer->code_text != NULL ? "|" : "",
		        answer->code_text != NULL ? answer->code_text : "");
	g_string_append_printf(out, "%s\n", answer->text);
}

static void
print_answer(GString *out, const ImapAnswer *answer)
{
	static const char *const statuses[] = { "", "OK ", "NO ", "BAD ", "BYE ",
		"PREAUTH " };
	g_string_append(out, answer->kind == IMAP_TAGGED     ? answer->tag
	                     : answer->kind == IMAP_CONTINUE ? "+"
	                                                     : "*");
	if (answer->kind == IMAP_CONTINUE || answer->status != IMAP_DATA) {
		g_string_append_printf(out, " %s", statuses[answer->status]);
		print_words(out, answer);
		return;
	}
	if (answer->numbered)
		g_string_append_printf(out, "%u", answer->number);
	g_string_append_printf(out, " %s", answer->name);
	for (guint i = 0; i < answer->values->len; i++) {
		g_string_append_c(out, ' ');
		print_value(out, g_ptr_array_index(answer->values, i));
	}
	g_string_append_c(out, '\n');
}

/* Feed said in pieces of so many bytes; "!" marks an error. */
static char *
read_all(const char *said, gsize size, gsize piece)
{
	g_autoptr(ImapReader) reader = imap_reader_new(KEEP);
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);
	for (gsize at = 0; at < size && error == NULL;) {
		g_autoptr(ImapAnswer) answer = NULL;
		gssize taken = imap_reader_feed(
		        reader, said + at, MIN(piece, size - at), &answer, &error);
		if (answer != NULL)
			print_answer(out, answer);
		if (taken < 0)
			g_string_append_c(out, '!');
		at += taken > 0 ? (gsize)taken : 0;
	}
	if (error != NULL)
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	return g_string_free(out, FALSE);
}

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	gsize size = sample->size != 0 ? sample->size : strlen(sample->said);
	for (gsize piece = 1; piece <= size; piece++) {
		g_autofree char *out = read_all(sample->said, size, piece);
		assert_string_equal(out, sample->wanted);
	}
}

/* start, count times repeated, end */
static char *
read_many(const char *start, const char *repeated, gsize count, const char *end)
{
	g_autoptr(GString) said = g_string_new(start);
	for (gsize i = 0; i < count; i++)
		g_string_append(said, repeated);
	g_string_append(said, end);
	return read_all(said->str, said->len, said->len);
}

static void
test_limits(void **state)
{
	(void)state;
	g_autofree char *line = read_many("* OK ", "x", 1024 * 1024, "\r\n");
	assert_string_equal(line, "!");
	g_autofree char *endless = read_many("* OK ", "x", 2 * 1024 * 1024, "");
	assert_string_equal(endless, "!");
	g_autofree char *literals = read_many("* X", " {1}\r\na", MANY, "\r\n");
	assert_string_equal(literals, "!");
	g_autofree char *values = read_many("* X", " 1", 200001, "\r\n");
	assert_string_equal(values, "!");
	g_autofree char *found = read_many("* SEARCH", " 1", 100000, "\r\n");
	assert_int_equal(strlen(found), strlen("* SEARCH\n") + 200000);
}

static ImapAnswer *
read_one(const char *said)
{
	g_autoptr(ImapReader) reader = imap_reader_new(KEEP);
	ImapAnswer *answer = NULL;
	assert_int_equal(imap_reader_feed(reader, said, strlen(said), &answer, NULL),
	        strlen(said));
	assert_non_null(answer);
	return answer;
}

static void
test_items(void **state)
{
	guint64 number;
	(void)state;
	g_autoptr(ImapAnswer) answer =
	        read_one("* 3 FETCH (uid 18446744073709551615 "
	                 "BODY[]<0> {2}\r\nab RFC822.SIZE x \"UID\" 9)\r\n");
	assert_true(imap_value_number(imap_answer_fetch_item(answer, "UID"), &number));
	assert_true(number == G_MAXUINT64);
	assert_string_equal(
	        imap_value_text(imap_answer_fetch_item(answer, "BODY[]")), "ab");
	assert_false(imap_value_number(
	        imap_answer_fetch_item(answer, "RFC822.SIZE"), &number));
	assert_null(imap_answer_fetch_item(answer, "FLAGS"));
	assert_null(imap_value_bytes(imap_answer_fetch_item(answer, "UID")));
	g_autoptr(ImapAnswer) cut = read_one("* X {11}\r\n0123456789a\r\n");
	assert_null(imap_value_text(g_ptr_array_index(cut->values, 0)));
	g_autoptr(ImapAnswer) empty = read_one("* 3 FETCH\r\n");
	assert_null(imap_answer_fetch_item(empty, "UID"));
}

static const struct date_sample {
	const char *text;
	gint64 wanted;
} date_samples[] = {
	{ "17-Jul-1996 02:44:25 -0700", 837596665 },
	{ " 7-jul-2026 02:44:25 +0200", 1783385065 },
	{ "01-Jan-1970 00:00:01 +0000", 1 },
	{ "31-Feb-2026 02:44:25 +0000", 0 },
	{ "17-Foo-2026 02:44:25 +0000", 0 },
	{ "17-anf-2026 02:44:25 +0000", 0 },
	{ "17-Jul-2026", 0 },
	{ "", 0 },
	{ NULL, 0 },
};

static void
test_dates(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(date_samples); i++)
		assert_int_equal(
		        imap_date_parse(date_samples[i].text), date_samples[i].wanted);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_sample);
	suite_add(suite, cmocka_unit_test(test_limits), cmocka_unit_test(test_items),
	        cmocka_unit_test(test_dates));
	return suite_run(suite, "imap_reader", NULL, NULL);
}
