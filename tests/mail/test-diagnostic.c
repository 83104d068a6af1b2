#include "mail/diagnostic.h"
#include "tests/suite.h"

static const struct sample {
	const char *name, *words, *unfolded, *status, *code;
} samples[] = {
	{ "plain", "550 5.1.1 no", "550 5.1.1 no", "5.1.1", "550" },
	{ "space", " 550  5.1.1\n\tno ", "550 5.1.1 no", "5.1.1", "550" },
	{ "several lines", "550-5.7.1 a\n550-5.7.1 b\n550 5.7.1 c", "550 5.7.1 a b c",
	        "5.7.1", "550" },
	{ "without status", "554-a\n554 b", "554 a b", NULL, "554" },
	{ "no last line", "552-5.7.0 a", "552-5.7.0 a", "5.7.0", "552" },
	{ "address is no status", "host [4.16.55.1] said: 550 no",
	        "host [4.16.55.1] said: 550 no", NULL, "550" },
	{ "version is no status", "Exim 4.94.2 failed", "Exim 4.94.2 failed", NULL,
	        NULL },
	{ "port is no code", "connect to mx.b.example:587: refused",
	        "connect to mx.b.example:587: refused", NULL, NULL },
	{ "qmail's status", "no mailbox (#5.1.1)", "no mailbox (#5.1.1)", "5.1.1",
	        NULL },
	{ "expiry and its cause", "554 4.4.7 expired <421 4.4.2 timed out>",
	        "554 4.4.7 expired <421 4.4.2 timed out>", "4.4.2", "554" },
};

static void
test_diagnostic(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *unfolded = diagnostic_unfold(sample->words);
	g_autofree char *status = diagnostic_status(unfolded);
	g_autofree char *code = diagnostic_reply_code(unfolded);
	assert_string_equal(unfolded, sample->unfolded);
	assert_string_equal(status != NULL ? status : "-",
	        sample->status != NULL ? sample->status : "-");
	assert_string_equal(
	        code != NULL ? code : "-", sample->code != NULL ? sample->code : "-");
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_diagnostic);
	return suite_run(suite, "diagnostic", NULL, NULL);
}
