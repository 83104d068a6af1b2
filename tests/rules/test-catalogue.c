#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "rules/catalogue.h"
#include "tests/suite.h"

/* Two directories, as the shipped one and the site's. */
static char *top, *shipped, *site;

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) entries = g_dir_open(path, 0, NULL);
	const char *name;
	while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
		g_autofree char *inside = g_build_filename(path, name, NULL);
		remove_tree(inside);
	}
	g_remove(path);
}

static void
write_file(const char *directory, const char *base, const char *text)
{
	g_autofree char *file = g_build_filename(directory, base, NULL);
	assert_true(g_file_set_contents(file, text, -1, NULL));
}

static int
make_directories(void **state)
{
	(void)state;
	top = g_dir_make_tmp("triaged-catalogue-XXXXXX", NULL);
	shipped = g_build_filename(top, "shipped", NULL);
	site = g_build_filename(top, "site", NULL);
	if (g_mkdir(shipped, 0700) + g_mkdir(site, 0700) != 0)
		return -1;
	write_file(shipped, "unknown.conf",
	        "class = { id = \"unknown\"; title = \"U\"; mode = \"tag\"; };");
	return 0;
}

static int
remove_directories(void **state)
{
	(void)state;
	remove_tree(top);
	g_free(shipped);
	g_free(site);
	g_free(top);
	return 0;
}

static Catalogue *
load(char **message)
{
	const char *directories[] = { shipped, site, NULL };
	g_autoptr(GError) error = NULL;
	Catalogue *catalogue = catalogue_load(directories, &error);
	if (error != NULL) {
		assert_null(catalogue);
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		g_autofree char *prefix = g_strconcat(top, "/", NULL);
		g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
		*message = g_strjoinv("", pieces);
	}
	return catalogue;
}

#define EXAMPLES                                                                       \
	"examples = { match = [ \"552 Spam  Detected\" ]; no_match = [ \"no\" ]; }; "
#define SIGNATURE                                                                      \
	"{ id = \"s\"; layer = \"generic\"; text = \"spam detected\"; " EXAMPLES "}"
#define CLASS "class = { id = \"a\"; title = \"T\"; mode = \"tag\";\n"
#define SIGNED(conditions)                                                             \
	CLASS "signatures = (\n{ id = \"s\"; layer = \"generic\";\n" conditions        \
	      "\n" EXAMPLES "} ); };"

static const struct sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "no example matches",
	        CLASS "signatures = (\n\n{ id = \"smtp-552\"; layer = \"provider\"; "
	              "text = \"spamm\";\n"
	              "examples = { match = [ \"spam detected\" ]; no_match = [ \"x\" "
	              "]; }; } ); };",
	        "shipped/a.conf:4: signature 'smtp-552': example 'spam detected' does "
	        "not match" },
	{ "a counter-example matches",
	        CLASS
	        "signatures = ( { id = \"s\"; layer = \"words\"; text = \"spam\";\n"
	        "examples = { match = [ \"spam\" ]; no_match = [ \"x\", \"SPAM!\" ]; "
	        "}; } ); };",
	        "shipped/a.conf:2: signature 's': example 'SPAM!' matches and must "
	        "not" },
	{ "unless stops an example", SIGNED("text = \"spam\"; unless = \"552\";"),
	        "shipped/a.conf:3: signature 's': example '552 Spam  Detected' does "
	        "not match" },
	{ "the code is another",
	        SIGNED("text = \"spam\"; code = \"55x\"; status = \"5.x.x\";"),
	        "shipped/a.conf:3: signature 's': example '552 Spam  Detected' does "
	        "not match" },
	{ "every bad example, also beside another mistake",
	        CLASS "signatures = (\n{ id = \"s\"; layer = \"words\"; text = "
	              "\"spam\"; lair = 1;\n"
	              "examples = { match = [ \"spam\", \"a\", \"b\" ]; no_match = [ "
	              "\"spam\" ]; }; } ); };",
	        "shipped/a.conf:3: unknown setting 'lair', did you mean 'layer'?\n"
	        "shipped/a.conf:3: signature 's': example 'a' does not match\n"
	        "shipped/a.conf:3: signature 's': example 'b' does not match\n"
	        "shipped/a.conf:3: signature 's': example 'spam' matches and must "
	        "not" },
	{ "no examples",
	        CLASS "signatures = (\n{ id = \"s\"; layer = \"words\"; text = "
	              "\"spam\"; } ); };",
	        "shipped/a.conf:3: signature 's': no example of a match\n"
	        "shipped/a.conf:3: signature 's': no example of a no_match" },
	{ "no counter-examples",
	        CLASS
	        "signatures = (\n{ id = \"s\"; layer = \"words\"; text = \"spam\";\n"
	        "examples = { match = [ \"spam\" ]; no_match = [ ]; }; } ); };",
	        "shipped/a.conf:3: signature 's': no example of a no_match" },
	{ "bad pattern", SIGNED("text =\n\"spam(\";"),
	        "shipped/a.conf:4: pattern 'spam(': missing closing parenthesis at "
	        "offset 5" },
	{ "no condition", SIGNED("where = \"report\";"),
	        "shipped/a.conf:3: signature 's': needs one of text, code, status" },
	{ "bad code", SIGNED("code = \"252\";"),
	        "shipped/a.conf:4: '252' is no code such as 552 or 5xx" },
	{ "bad status", SIGNED("status = \"5.7\";"),
	        "shipped/a.conf:4: '5.7' is no status such as 5.2.0 or 5.7.x" },
	{ "unknown origin", SIGNED("text = \"spam\"; where = [ \"reports\" ];"),
	        "shipped/a.conf:4: unknown origin 'reports', did you mean 'report'?" },
	{ "unknown cue", SIGNED("text = \"spam\"; needs = \"claim-notsent\";"),
	        "shipped/a.conf:4: unknown cue 'claim-notsent', did you mean "
	        "'claim-not-sent'?" },
	{ "unknown layer",
	        CLASS "signatures = (\n{ id = \"s\"; layer = \"sit\"; text = "
	              "\"spam\"; " EXAMPLES "} ); };",
	        "shipped/a.conf:3: setting 'layer' must be one of site, provider, "
	        "client, generic, "
	        "words, status, code, not 'sit'" },
	{ "no layer",
	        CLASS "signatures = (\n{ id = \"s\"; text = \"spam\"; " EXAMPLES
	              "} ); };",
	        "shipped/a.conf:3: signature 's': no layer" },
	{ "unknown refuser", SIGNED("text = \"spam\"; refused_by = \"us\";"),
	        "shipped/a.conf:4: setting 'refused_by' must be one of any, provider, "
	        "remote, not "
	        "'us'" },
	{ "confidence beyond one", SIGNED("text = \"spam\"; confidence = 97;"),
	        "shipped/a.conf:4: setting 'confidence' must be a number between 0.0 "
	        "and 1.0" },
	{ "unknown in a signature", SIGNED("text = \"spam\"; confidance = 0.9;"),
	        "shipped/a.conf:4: unknown setting 'confidance', did you mean "
	        "'confidence'?" },
	{ "unknown in a class", CLASS "check_list = [ ]; };",
	        "shipped/a.conf:2: unknown setting 'check_list', did you mean "
	        "'checklist'?" },
	{ "unknown in a file", CLASS "};\nclas = 1;",
	        "shipped/a.conf:3: unknown setting 'clas', did you mean 'class'?" },
	{ "a number for a text", "class = { id = \"a\"; title = 5; mode = \"tag\"; };",
	        "shipped/a.conf:1: setting 'title' must be a text in quotes\n"
	        "shipped/a.conf:1: class 'a': no title" },
	{ "a group for signatures", CLASS "signatures = { }; };",
	        "shipped/a.conf:2: setting 'signatures' must be a list of groups, ( { "
	        "}, { } )" },
	{ "no id", "class = {\ntitle = \"T\"; mode = \"tag\"; };",
	        "shipped/a.conf:1: setting 'id' is missing" },
	{ "bad id", "class = {\nid = \"A b\"; title = \"T\"; mode = \"tag\"; };",
	        "shipped/a.conf:2: id 'A b' must be of small letters, digits and '-'" },
	{ "bad tag", CLASS "tag = \"triage (x)\"; };",
	        "shipped/a.conf:2: tag 'triage (x)' is no IMAP keyword: up to 60 "
	        "letters, digits, "
	        "'-', '_', '.'" },
	{ "system flag as tag", CLASS "tag = \"\\\\Seen\"; };",
	        "shipped/a.conf:2: tag '\\Seen' is no IMAP keyword: up to 60 letters, "
	        "digits, "
	        "'-', '_', '.'" },
	{ "unknown item", CLASS "checklist = [ \"error_text|screen\" ]; };",
	        "shipped/a.conf:2: unknown item 'screen', did you mean 'screenshot'?" },
	{ "unknown mode", "class = { id = \"a\"; title = \"T\"; mode = \"tagg\"; };",
	        "shipped/a.conf:1: setting 'mode' must be one of observe, tag, draft, "
	        "send, not "
	        "'tagg'\nshipped/a.conf:1: class 'a': no reply, 'a.it.txt' is not "
	        "beside it" },
	{ "no reply", "class = { id = \"a\"; title = \"T\"; };",
	        "shipped/a.conf:1: class 'a': no reply, 'a.it.txt' is not beside it" },
	{ "reply that is not there", CLASS "reply = { it = \"b.it.txt\"; }; };",
	        "shipped/a.conf:2: reply 'shipped/b.it.txt' is not there" },
	{ "no such parent", CLASS "parent = \"aa\"; };",
	        "shipped/a.conf:1: class 'a': no parent 'aa', did you mean 'a'?" },
	{ "its own parent", CLASS "parent = \"a\"; };",
	        "shipped/a.conf:1: class 'a': parent 'a' has a parent itself" },
	{ "the same signature twice",
	        CLASS "signatures = ( " SIGNATURE ",\n" SIGNATURE " ); };",
	        "shipped/a.conf:3: signature 's' is already defined in line 2" },
	{ "neither class nor extension", "",
	        "shipped/a.conf:1: one of class = { } and extend = { } must stand "
	        "here" },
	{ "syntax", "class = {\n id = ;",
	        "shipped/a.conf:2: syntax error: a value is missing behind '='" },
};

static void
test_problem(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", sample->text);
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_non_null(message);
	assert_string_equal(message, sample->wanted);
}

static void
test_problems_of_all_files(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", CLASS "titel = 1; };");
	write_file(shipped, "b.conf", "extend = { id = \"c\"; };");
	write_file(site, "a.conf", "class = ");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_string_equal(message,
	        "shipped/a.conf:2: unknown setting 'titel', did you mean 'title'?\n"
	        "shipped/b.conf:1: no class 'c' to extend, did you mean 'a'?\n"
	        "site/a.conf:1: syntax error: a value is missing behind '='");
}

static void
test_bad_reply_is_told_once(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", "class = { id = \"a\"; title = \"T\"; };");
	write_file(shipped, "a.it.txt", "Buongiorno\n{{nmae}}");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_string_equal(message,
	        "shipped/a.it.txt:2: unknown name 'nmae', did you mean 'name'?");
}

static void
test_class_twice(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", CLASS "};");
	write_file(shipped, "b.conf", "\n" CLASS "};");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_string_equal(message,
	        "shipped/b.conf:2: class 'a' is already defined in shipped/a.conf:1");
}

static void
test_no_directory(void **state)
{
	(void)state;
	const char *directories[] = { "/nowhere", NULL };
	const char *none[] = { NULL };
	g_autoptr(GError) error = NULL;
	assert_null(catalogue_load(directories, &error));
	assert_string_equal(error->message, "/nowhere: cannot be read as a directory");
	g_clear_error(&error);
	assert_null(catalogue_load(none, &error));
	assert_string_equal(error->message, "catalogue: no directory given");
}

static void
test_no_fallback(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autofree char *file = g_build_filename(shipped, "unknown.conf", NULL);
	g_unlink(file);
	write_file(shipped, "a.conf", CLASS "};");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_string_equal(message, "shipped: no class 'unknown', which holds for "
	                             "what no other class explains: does "
	                             "'catalogue' leave out the shipped directory?");
}

static void
test_class(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf",
	        "class = { id = \"a\"; title = \"T\"; checklist = [ \"date\", "
	        "\"error_text|screenshot\" ];\n"
	        "signatures = ( " SIGNATURE " ); };");
	write_file(shipped, "a.it.txt", "Ciao\n");
	write_file(shipped, "a.en.txt", "Hello\n");
	write_file(shipped, "child.conf",
	        "class = { id = \"child\"; title = \"C\"; parent = \"a\"; };");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	const Class *class = catalogue_find(catalogue, "a");
	const Class *child = catalogue_find(catalogue, "child");
	assert_string_equal(class->tag, "triage-a");
	assert_string_equal(child->tag, "triage-a");
	assert_int_equal(class->mode, MODE_SEND);
	assert_ptr_equal(catalogue_shown(catalogue, child), class);
	assert_ptr_equal(catalogue_shown(catalogue, class), class);
	assert_non_null(class->reply[REPLY_LANGUAGE_IT]);
	assert_non_null(class->reply[REPLY_LANGUAGE_EN]);
	assert_null(child->reply[REPLY_LANGUAGE_IT]);
	assert_null(catalogue_find(catalogue, "b"));
	const Signature *signature = class->signatures->pdata[0];
	assert_int_equal(signature->needs, -1);
	assert_int_equal(signature->line, 2);
	assert_true(signature->confidence > 0.89 && signature->confidence < 0.91);
	assert_int_equal(signature->where & (1u << ORIGIN_SCREENSHOT), 0);
	/* seven tags of outcome, two of the classes, two of the checklist */
	assert_int_equal(catalogue_tag_count(catalogue), 11);
}

static void
test_site_replaces(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", CLASS "signatures = ( " SIGNATURE " ); };");
	write_file(site, "a.conf",
	        "class = { id = \"a\"; title = \"Nostra\"; mode = \"observe\"; };");
	write_file(site, "b.conf",
	        "class = { id = \"b\"; title = \"B\"; mode = \"tag\"; tag = \"our-b\"; "
	        "};");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	const Class *class = catalogue_find(catalogue, "a");
	assert_string_equal(class->title, "Nostra");
	assert_int_equal(class->signatures->len, 0);
	assert_string_equal(catalogue_find(catalogue, "b")->tag, "our-b");
}

static void
test_site_extends(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf",
	        CLASS "checklist = [ \"date\" ]; signatures = ( " SIGNATURE " ); };");
	write_file(site, "a.conf",
	        "extend = { id = \"a\"; mode = \"send\"; checklist = [ ]; signatures = "
	        "( { id = \"ours\";\n"
	        "layer = \"site\"; text = \"bloccato\"; examples = { match = [ "
	        "\"Bloccato\" ];\n"
	        "no_match = [ \"x\" ]; }; } ); };");
	write_file(site, "a.it.txt", "Ciao\n");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	const Class *class = catalogue_find(catalogue, "a");
	assert_int_equal(class->signatures->len, 2);
	assert_int_equal(class->mode, MODE_SEND);
	assert_int_equal(class->checklist->len, 0);
	assert_string_equal(class->title, "T");
	assert_non_null(class->reply[REPLY_LANGUAGE_IT]);
}

static void
test_extension_with_a_known_signature(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", CLASS "signatures = (\n" SIGNATURE " ); };");
	write_file(site, "a.conf",
	        "extend = { id = \"a\"; signatures = ( " SIGNATURE " ); };");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_string_equal(message,
	        "site/a.conf:1: signature 's' is already defined in shipped/a.conf:3");
}

static void
test_warnings(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf", SIGNED("text = \"Spam\\\\S* +D|\\\\bspam\";"));
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	assert_int_equal(catalogue->warnings->len, 1);
	assert_non_null(strstr(catalogue->warnings->pdata[0],
	        "shipped/a.conf:4: pattern 'Spam\\S* +D|\\bspam' holds a capital "
	        "letter, which "
	        "folded text never does"));
}

static void
test_too_many_tags(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	for (int i = 0; i < 19; i++) {
		g_autofree char *base = g_strdup_printf("c%d.conf", i);
		g_autofree char *text = g_strdup_printf(
		        "class = { id = \"c%d\"; title = \"T\"; mode = \"tag\"; };", i);
		write_file(shipped, base, text);
	}
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	assert_int_equal(catalogue_tag_count(catalogue), 27);
	assert_int_equal(catalogue->warnings->len, 1);
	assert_non_null(strstr(catalogue->warnings->pdata[0],
	        "shipped: 27 different tags; a Dovecot Maildir keeps 26"));
}

static GArray *
match(const Catalogue *catalogue, const char *text, Origin origin)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	g_autoptr(FoldedText) folded = text_fold(text, -1, TRUE);
	utterance_codes(text, code, status);
	Utterance utterance = { folded, origin, code, status, REFUSED_BY_ANY };
	return catalogue_match(catalogue, &utterance);
}

static void
test_match_order(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_file(shipped, "a.conf",
	        CLASS "signatures = ( " SIGNATURE
	              ", { id = \"code\"; layer = \"code\"; code = \"5xx\";\n"
	              "where = [ \"report\" ]; " EXAMPLES
	              "}, { id = \"best\"; layer = \"generic\";\n"
	              "text = \"spam\"; confidence = 1; " EXAMPLES "} ); };");
	write_file(shipped, "b.conf",
	        "class = { id = \"b\"; title = \"B\"; mode = \"tag\"; signatures = (\n"
	        "{ id = \"p\"; layer = \"provider\"; text = \"detected\"; " EXAMPLES
	        "} ); };");
	g_autoptr(Catalogue) catalogue = load(&message);
	assert_null(message);
	g_autoptr(GArray) hits = match(catalogue, "552 SPAM detected", ORIGIN_REPORT);
	static const char *const wanted[] = { "p", "best", "s", "code" };
	assert_int_equal(hits->len, 4);
	for (guint i = 0; i < hits->len; i++)
		assert_string_equal(
		        g_array_index(hits, SignatureHit, i).signature->id, wanted[i]);
	assert_int_equal(g_array_index(hits, SignatureHit, 0).start, 9);
	assert_int_equal(g_array_index(hits, SignatureHit, 0).end, 17);
	g_autoptr(GArray) words = match(catalogue, "552 SPAM detected", ORIGIN_WORDS);
	assert_int_equal(words->len, 3);
	g_autoptr(GArray) none = match(catalogue, "tutto bene", ORIGIN_WORDS);
	assert_int_equal(none->len, 0);
}

#define ALONE(test)                                                                    \
	cmocka_unit_test_setup_teardown(test, make_directories, remove_directories)

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, ALONE(test_problems_of_all_files),
	        ALONE(test_bad_reply_is_told_once), ALONE(test_class_twice),
	        ALONE(test_no_directory), ALONE(test_no_fallback), ALONE(test_class),
	        ALONE(test_site_replaces), ALONE(test_site_extends),
	        ALONE(test_extension_with_a_known_signature), ALONE(test_warnings),
	        ALONE(test_too_many_tags), ALONE(test_match_order));
	suite_add_table_of(suite, samples, ALONE(test_problem));
	return suite_run(suite, "catalogue", NULL, NULL);
}
