#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "tests/suite.h"

static const struct fold_sample {
	const char *name, *input, *wanted;
	gboolean fold_volatile;
} fold_samples[] = {
	{ "case and accents", "PERCHÉ è più", "perche e piu", FALSE },
	{ "apostrophe for an accent", "perche' e' cosi'.", "perche e cosi.", FALSE },
	{ "elision stays", "l'indirizzo dell’utente", "l'indirizzo dell'utente",
	        FALSE },
	{ "spaces", "  a\t\r\n\xc2\xa0 b ", "a b", FALSE },
	{ "typographic quotes", "“spam” – «virus»…", "\"spam\" - \"virus\"...", FALSE },
	{ "zero width and bidi",
	        "sp\xe2\x80\x8b"
	        "am\xe2\x80\xae!",
	        "spam!", FALSE },
	{ "invalid bytes",
	        "a\xff"
	        "b",
	        "a?b", FALSE },
	{ "queue id", "552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected",
	        "552 5.2.0 <id> spam detected", TRUE },
	{ "client code is no queue id", "errore (0x8004210A)", "errore (0x8004210a)",
	        TRUE },
	{ "status is no address", "550 5.1.1 <a.b@c.example>: no",
	        "550 5.1.1 <addr>: no", TRUE },
	{ "host and ip", "host mx.a.example[192.0.2.1] said",
	        "host mx.a.example<ip> said", TRUE },
	{ "ipv6", "from 2001:db8::17 at 10:22:30", "from <ip> at 10:22:30", TRUE },
	{ "spaces across eight bytes", "1234567  890\t\n  1  2345678 \n",
	        "1234567 890 1 2345678", FALSE },
	{ "apostrophes across eight bytes", "perche' si, e' l'ora'",
	        "perche si, e l'ora", FALSE },
	{ "letters of Latin-1", "\u00c0\u00df\u00d7\u00fe\u00ff 'e'\u00e8",
	        "a\u00df\u00d7\u00fey 'e'e", FALSE },
	{ "empty", "", "", TRUE },
};

static void
test_fold(void **state)
{
	const struct fold_sample *sample = *state;
	g_autoptr(FoldedText) folded =
	        text_fold(sample->input, -1, sample->fold_volatile);
	assert_string_equal(folded->text, sample->wanted);
	assert_int_equal(folded->length, strlen(folded->text));
	for (gsize i = 0; i < folded->length; i++)
		assert_true(folded->offsets[i] <= folded->offsets[i + 1]);
	assert_int_equal(folded->offsets[folded->length], strlen(sample->input));
}

static void
test_fold_offsets(void **state)
{
	(void)state;
	const char *source = "È  l'ID abcdef0123456 qui";
	g_autoptr(FoldedText) folded = text_fold(source, -1, TRUE);
	assert_string_equal(folded->text, "e l'id <id> qui");
	const char *qui = strstr(folded->text, "qui");
	assert_int_equal(
	        folded->offsets[qui - folded->text], strstr(source, "qui") - source);
}

/* What an ASCII byte between letters is folded to. */
static char
plain_wanted(char byte)
{
	if (byte <= ' ' || byte == 0x7f)
		return ' ';
	return byte == '`' ? '\'' : g_ascii_tolower(byte);
}

/* Sixteen bytes are folded at once where nothing stands against it: every byte, at every place
 * among them, has to come out as it does alone. */
static void
test_fold_places(void **state)
{
	(void)state;
	for (int byte = 1; byte < 0x80; byte++)
		for (gsize place = 0; place < 36; place++) {
			char source[] = "XyZtXyZtXyZtXyZtXyZtXyZtXyZtXyZtXyZtX";
			source[place] = (char)byte;
			g_autofree char *wanted = g_ascii_strdown(source, -1);
			wanted[place] = plain_wanted((char)byte);
			gboolean edge = place == 0 && wanted[0] == ' ';
			g_autoptr(FoldedText) folded = text_fold(source, -1, FALSE);
			assert_string_equal(folded->text, wanted + edge);
			for (gsize i = 0; i <= folded->length; i++)
				assert_int_equal(folded->offsets[i], i + edge);
		}
}

static const struct line_sample {
	const char *input, *wanted;
	gsize max;
} line_samples[] = {
	{ "a\r\nBcc: x", "a Bcc: x", 100 },
	{ "a\x01\xe2\x80\xae"
	  "b",
	        "a b", 100 },
	{ "abcdef", "abc…", 3 },
	{ "caff\xe8", "caffè", 100 },
	{ "  ", "", 100 },
};

static void
test_one_line(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(line_samples); i++) {
		g_autofree char *line =
		        text_one_line(line_samples[i].input, line_samples[i].max);
		assert_string_equal(line, line_samples[i].wanted);
	}
}

static const struct address_sample {
	const char *input, *wanted;
} address_samples[] = {
	{ "scrivo da Mario.Rossi@Example.it, e a <b@c.example.org>.",
	        "mario.rossi@example.it b@c.example.org" },
	{ "'a@b.it' \"c@d.it\" mailto:e@f.it (g@h.it)", "a@b.it c@d.it e@f.it g@h.it" },
	{ "a@b.it A@B.IT", "a@b.it" },
	{ "Message-ID: <x1@example.it>\nTo: k@z.it\nReferences: <a@b.it>\n <c@d.it>",
	        "k@z.it" },
	{ "from=<a@b.it> to=c@d.it", "a@b.it c@d.it" },
	{ "seguiteci su @pizzeria, a@b, a@1.2", "" },
	{ "bounce+x=y.it@b.it", "bounce+x=y.it@b.it" },
	{ "@@@@", "" },
	{ "“a@b.it”, «è@città.it» \u202ec@d.it\u202c", "a@b.it è@città.it c@d.it" },
	{ "a@xn--bcher-kva.com b@xn--pavanarredi.e-1xample.com c@xn--.com",
	        "a@xn--bcher-kva.com" },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(address_samples); i++) {
		g_autoptr(GPtrArray) found = address_find_all(address_samples[i].input);
		g_ptr_array_add(found, NULL);
		g_autofree char *joined = g_strjoinv(" ", (char **)found->pdata);
		assert_string_equal(joined, address_samples[i].wanted);
	}
}

static void
test_hosts(void **state)
{
	(void)state;
	assert_true(address_host_matches("smtp.Example.it", "*.example.it"));
	assert_true(address_host_matches("example.it.", "*.example.it"));
	assert_false(address_host_matches("notexample.it", "*.example.it"));
	assert_false(address_host_matches("example.it.evil.org", "*.example.it"));
	assert_false(address_host_matches(NULL, "*"));
	assert_true(address_is_valid("a@b.it"));
	assert_false(address_is_valid("a b@c.it"));
	assert_false(address_is_valid("a@b.it\r\nBcc: c@d.it"));
	assert_false(address_is_valid("a@localhost"));
	assert_true(address_is_valid("perché@città.it"));
	/* "xn--example" decoded: encoded again it would be another's domain */
	assert_false(address_is_valid("a@Ωίθηδ.it"));
	assert_false(address_is_valid("a@xn--example.it"));
	/* honest, but what it stands for reads as another host and a path */
	assert_false(address_is_valid("a@xn--ab-c6t.it"));
	assert_false(address_is_valid("a@b\u202e.it"));
	assert_false(address_is_valid("a\u200b@b.it"));
	assert_false(address_is_valid("a\u00a0b@c.it"));
	assert_false(address_is_valid("a\xff@b.it"));
	assert_null(address_domain("nobody"));
	assert_string_equal(address_domain("a@b.it"), "b.it");
}

/* Most of a text is passed over without a look for tokens: each piece between blanks must fold to
 * what it folds to alone. */
static void
test_fold_pieces(void **state)
{
	static const char *const parts[] = { " ", " ", " ", "a@b.it", "<", ">",
		"10.2.3.4", "fe80::1:2", "4f9ab12cd345", "word", "verylongword", ":",
		"=", "-", ".", "12", "\xc3\xa8", "@", "[", "]", "x", "queue" };
	guint tokens = 0;
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 5000; round++) {
		g_autoptr(GString) text = g_string_new(NULL),
		                   wanted = g_string_new(NULL);
		for (gint i = g_rand_int_range(chance, 0, 40); i > 0; i--)
			g_string_append(text, parts[g_rand_int_range(
			                              chance, 0, G_N_ELEMENTS(parts))]);
		g_autoptr(FoldedText) folded = text_fold(text->str, -1, TRUE);
		g_auto(GStrv) pieces = g_strsplit(text->str, " ", -1);
		for (char **piece = pieces; *piece != NULL; piece++) {
			g_autoptr(FoldedText) alone = text_fold(*piece, -1, TRUE);
			if (wanted->len > 0 && alone->length > 0)
				g_string_append_c(wanted, ' ');
			g_string_append(wanted, alone->text);
		}
		assert_string_equal(folded->text, wanted->str);
		tokens += strchr(folded->text, '<') != NULL;
	}
	assert_in_range(tokens, 2000, 5000);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, fold_samples, test_fold);
	suite_add(suite, cmocka_unit_test(test_fold_offsets),
	        cmocka_unit_test(test_fold_places), cmocka_unit_test(test_fold_pieces),
	        cmocka_unit_test(test_one_line), cmocka_unit_test(test_addresses),
	        cmocka_unit_test(test_hosts));
	return suite_run(suite, "base/text", NULL, NULL);
}
