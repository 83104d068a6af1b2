#include <string.h>

#include "mail/html.h"
#include "tests/slowness.h"
#include "tests/suite.h"

#define MAX_TEXT (64 * 1024)
/* Seconds that the worst document may take, sanitizers included. */
#define PATIENCE 10

static const struct sample {
	const char *name, *html, *text;
} samples[] = {
	{ "empty", "", "" },
	{ "bare text", "Ciao   a\n tutti", "Ciao a tutti\n" },
	{ "paragraphs", "<p>uno</p><p>due</p>", "uno\n\ndue\n" },
	{ "outlook paragraphs",
	        "<p class=MsoNormal>uno</p><p class=MsoNormal>&nbsp;</p>"
	        "<p class=MsoNormal>due<o:p></o:p></p>",
	        "uno\n\ndue\n" },
	{ "breaks", "uno<br>due<br/><br>tre", "uno\ndue\n\ntre\n" },
	{ "gmail lines",
	        "<div>uno</div><div><br></div><div>due<br></div><div>tre</div>",
	        "uno\n\ndue\ntre\n" },
	{ "inline blanks", "<b>uno</b> <i>due</i>,<b> tre</b>", "uno due, tre\n" },
	{ "entities", "perch&eacute; &lt;a@example.it&gt; &#8217;&amp;&nbsp;",
	        "perché <a@example.it> ’&\n" },
	{ "bare address", "Da: Mario <mario@example.it> a me",
	        "Da: Mario <mario@example.it> a me\n" },
	{ "table",
	        "<table><tr><td>Account:</td><td>a</td></tr><tr><td><p>Server:</p></td>"
	        "<td><p>b</p></td></tr></table>dopo",
	        "Account:\ta\nServer:\tb\ndopo\n" },
	{ "nested table",
	        "<table><tr><td><table><tr><td>uno</td></tr><tr><td>due</td></tr></"
	        "table></td>"
	        "<td>tre</td></tr></table>",
	        "uno\ndue\ntre\n" },
	{ "empty cells",
	        "<table><tr><td></td><td>a</td><td></td></tr><tr><td>b</td></tr></"
	        "table>",
	        "a\nb\n" },
	{ "quote",
	        "ciao<blockquote>uno<br>due<blockquote>tre</blockquote></"
	        "blockquote>fine",
	        "ciao\n> uno\n> due\n>> tre\nfine\n" },
	{ "quoted paragraphs", "<blockquote><p>uno</p><p>due</p></blockquote>",
	        "> uno\n>\n> due\n" },
	{ "gmail quote",
	        "<div>Sì</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">Il "
	        "x ha scritto:<br>"
	        "</div><blockquote class=\"gmail_quote\" style=\"border-left:1px "
	        "solid\"><div>No</div>"
	        "</blockquote></div>",
	        "Sì\nIl x ha scritto:\n> No\n" },
	{ "indent is no quote",
	        "<blockquote style=\"margin: 0 0 0 40px; border: none\">x</blockquote>",
	        "x\n" },
	{ "pre", "<pre>uno\n  due\n\n\ttre</pre>dopo", "uno\n  due\n\n\ttre\ndopo\n" },
	{ "style and script", "<style>p{x}</style>a<script>if (a<b) x()</script>b",
	        "ab\n" },
	{ "head", "<html><head><title>t</title></head><body>a</body></html>", "a\n" },
	{ "hidden",
	        "a<div style=\"display: none\">b<p>c</p></div>d<span hidden>e</span>",
	        "ad\n" },
	{ "tiny preheader",
	        "<div style='font-size:0'>b<span style='font-size:14px'>c</span></div>",
	        "c\n" },
	{ "comment", "a<!-- b --><!--[if mso]>c<![endif]-->d", "ad\n" },
	{ "list", "<ul><li>uno<li>due</ul>", "- uno\n- due\n" },
	{ "unclosed", "<div><b>uno<p>due", "uno\n\ndue\n" },
	{ "stray ends", "</div></p>uno</b></table>due", "unodue\n" },
	{ "rule", "a<hr>b", "a\n________________________________\nb\n" },
	{ "link", "<a href=\"http://x.example\">qui</a>", "qui\n" },
};

static void
test_text(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(HtmlText) html =
	        html_to_text(sample->html, strlen(sample->html), MAX_TEXT);
	assert_string_equal(html->text, sample->text);
}

static void
test_links(void **state)
{
	(void)state;
	const char *source =
	        "<img src=\"cid:image001.png@01D\"><img src='http://x/y.png'>";
	g_autoptr(HtmlText) html = html_to_text(source, strlen(source), MAX_TEXT);
	assert_int_equal(html->links->len, 1);
	assert_string_equal(g_ptr_array_index(html->links, 0), "image001.png@01D");
}

static void
test_max_text(void **state)
{
	(void)state;
	g_autoptr(HtmlText) html = html_to_text("uno due tre quattro", 19, 8);
	assert_true(strlen(html->text) <= 9);
	assert_true(html->cut);
}

#define PAGES 5000
#define PIECES_MAX 25

/* Whatever is put together of such pieces, no more is shown than html_ink_max() says. */
static void
test_ink_max(void **state)
{
	static const char *const pieces[] = { "<", "</", "<!--", "-->", "<b>", "</b>",
		"<p>", "<li>", "<hr>", "<blockquote>", "<style>", "</style>",
		"<script>", "</script>", "&lt;", "&euro;", "&", "é", " ", "\n", "a",
		"x y", "\"", "=", ">", "/", "!", "?", "@", "<!DOCTYPE html>",
		"<![endif]>", "<![CDATA[", "]]>", "<a href=", "<a@b.it>", "<table>",
		"<tr>", "<td>", "<pre>", "<br/>", "</ x>", "</p x>", "<o:p>", "<1",
		"<_a>", "<head>", "<body>", "<plaintext>", "<svg>", "<div hidden>" };
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	guint tight = 0;
	for (guint i = 0; i < PAGES; i++) {
		g_autoptr(GString) page = g_string_new(NULL);
		for (gint k = g_rand_int_range(random, 0, PIECES_MAX); k >= 0; k--)
			g_string_append(page, pieces[g_rand_int_range(random, 0,
			                              G_N_ELEMENTS(pieces))]);
		g_autoptr(HtmlText) html =
		        html_to_text(page->str, page->len, G_MAXSSIZE);
		gsize ink = 0, max = html_ink_max(page->str, page->len);
		for (const char *c = html->text; *c != '\0'; c++)
			ink += !g_ascii_isspace(*c);
		if (ink > max)
			fail_msg("%s", page->str);
		tight += ink == max;
	}
	assert_true(tight > 0);
}

/* Documents that are cheap to write and dear to parse. */
static const struct bomb {
	const char *name, *before, *repeated, *after;
} bombs[] = {
	{ "deep", "", "<div>", "" },
	{ "deep quotes", "", "<blockquote>", "" },
	{ "deep inline", "", "<b>", "" },
	{ "stray ends under inline", "<b><b><b><b><b><b><b><b><b>", "</i>", "" },
	{ "one attribute after another", "<p ", "a%u ", ">" },
	{ "attributes with quotes", "<p ", "a%u=\"", ">" },
	{ "comments", "", "<!-", "" },
	{ "openers", "", "<", "" },
	{ "entities", "", "&", "" },
	{ "cells", "<table><tr>", "<td>", "" },
	{ "tables", "", "<table><tr><td>", "" },
	{ "data", "<img src=\"data:image/png;base64,", "QUJD", "\">" },
	{ "declarations", "", "<!", "" },
	{ "scripts", "", "<script>", "" },
};

static void
test_bomb(void **state)
{
	const struct bomb *bomb = *state;
	g_autoptr(GString) html = g_string_new(bomb->before);
	for (guint i = 0; html->len < 4 * 1024 * 1024; i++) {
		const char *number = strstr(bomb->repeated, "%u");
		if (number == NULL) {
			g_string_append(html, bomb->repeated);
			continue;
		}
		g_string_append_len(html, bomb->repeated, number - bomb->repeated);
		g_string_append_printf(html, "%u%s", i, number + 2);
	}
	g_string_append(html, bomb->after);
	g_string_append(html, "fine");
	gint64 start = g_get_monotonic_time();
	g_autoptr(HtmlText) text = html_to_text(html->str, html->len, MAX_TEXT);
	gint64 took = g_get_monotonic_time() - start;
	print_message("%s: %d ms\n", bomb->name, (int)(took / 1000));
	assert_true(took < PATIENCE * slowness() * (gint64)G_USEC_PER_SEC);
}

/* Within a limit the document is read to its end, beyond it the rest is only stripped: the
 * image there is seen on this side alone. The blanks are more than the parser gets at once. */
static const struct limit {
	const char *name, *before, *repeated, *after;
	guint within, beyond;
} limits[] = {
	{ "tags", "", "<br>", "", 99000, 101000 },
	{ "depth", "", "<div>", "", 200, 300 },
	{ "length of a tag", "<p title=\"", "a ", "\">", 2000, 9000 },
	{ "length of a comment", "<!--", "a ", "-->", 125000, 140000 },
	{ "images", "", "<img src=\"cid:a\">", "", 499, 500 },
};

static gboolean
finds_late_image(const char *html, gsize length)
{
	g_autoptr(HtmlText) text = html_to_text(html, length, MAX_TEXT);
	guint count = text->links->len;
	return count > 0 &&
	       strcmp(g_ptr_array_index(text->links, count - 1), "late") == 0;
}

static gboolean
reads_to_the_end(const struct limit *limit, guint count)
{
	g_autoptr(GString) html = g_string_new(limit->before);
	for (guint i = 0; i < count; i++)
		g_string_append(html, limit->repeated);
	g_string_append_printf(
	        html, "%s%*s<img src=\"cid:late\">", limit->after, 8192, "");
	return finds_late_image(html->str, html->len);
}

static void
test_limit(void **state)
{
	const struct limit *limit = *state;
	assert_true(reads_to_the_end(limit, limit->within));
	assert_false(reads_to_the_end(limit, limit->beyond));
}

/* libxml2 compares each attribute with all before it: so their squares are counted. */
static void
test_attribute_limit(void **state)
{
	(void)state;
	g_autoptr(GString) tag = g_string_new("<p");
	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(tag, " a%u", i);
	g_string_append_c(tag, '>');
	const struct limit limit = {
		.name = "attributes", .before = "", .repeated = tag->str, .after = ""
	};
	assert_true(reads_to_the_end(&limit, 45));
	assert_false(reads_to_the_end(&limit, 55));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_text);
	suite_add_table(suite, bombs, test_bomb);
	suite_add_table(suite, limits, test_limit);
	suite_add(suite, cmocka_unit_test(test_attribute_limit),
	        cmocka_unit_test(test_links), cmocka_unit_test(test_max_text),
	        cmocka_unit_test(test_ink_max));
	return suite_run(suite, "html", NULL, NULL);
}
