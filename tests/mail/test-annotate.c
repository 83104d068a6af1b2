/* Copies for other systems: our fields in front, forged ones gone for every kind of reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "mail/annotate.h"
#include "mail/header.h"

static const char *const prefixes[] = { "X-Triaged-", "X-OTRS-", NULL };

static char *
annotated(const char *mail, gsize length, const Annotation *annotation)
{
	g_autoptr(GBytes) bytes = g_bytes_new(mail, length);
	g_autoptr(GBytes) copy = annotate(bytes, annotation, prefixes);
	gsize size;
	const char *data = g_bytes_get_data(copy, &size);
	return g_strndup(data, size);
}

static const struct sample {
	const char *name, *mail, *wanted;
} samples[] = {
	{ "nothing to strip", "From: a\r\n\r\nbody\n", "From: a\r\n\r\nbody\n" },
	{ "any case, blanks, folded lines",
	        "x-otrs-queue \t: a\r\n b\r\n\tc\r\nFrom: a\r\n\r\n",
	        "From: a\r\n\r\n" },
	{ "behind a lone CR", "Subject: a\rX-OTRS-Queue: b\r\n\r\n",
	        "Subject: a\r\n\r\n" },
	{ "behind a lone LF", "Subject: a\nX-OTRS-Queue: b\nTo: c\n\nbody",
	        "Subject: a\r\nTo: c\r\n\r\nbody" },
	{ "an empty line of lone CRs ends the header", "Subject: a\r\rX-OTRS-Queue: b",
	        "Subject: a\r\n\r\nX-OTRS-Queue: b" },
	{ "a name without a colon", "X-OTRS-\r\n\tLoop: no\r\nTo: c\r\n\r\n",
	        "To: c\r\n\r\n" },
	{ "a fold before any field", " X-OTRS-Queue: b\r\nTo: c\r\n\r\n",
	        "To: c\r\n\r\n" },
	{ "the prefix elsewhere is no field",
	        "Subject: X-OTRS-Queue: b\r\n\r\nX-OTRS-A: b",
	        "Subject: X-OTRS-Queue: b\r\n\r\nX-OTRS-A: b" },
	{ "no body", "To: c", "To: c\r\n\r\n" },
	{ "no header", "\r\nbody", "\r\nbody" },
	{ "nothing", "", "\r\n" },
};

static void
test_stripping(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Annotation) none = annotation_new();
	g_autofree char *copy = annotated(sample->mail, strlen(sample->mail), none);
	assert_string_equal(copy, sample->wanted);
}

static void
test_fields_stand_in_front(void **state)
{
	(void)state;
	g_autoptr(Annotation) annotation = annotation_new();
	annotation_add(annotation, "X-Triaged-Class", "spam-detected");
	annotation_add(annotation, "X-Triaged-Detail", NULL);
	annotation_add(annotation, "X-Triaged-Missing", " \t");
	annotation_add(annotation, "X-Own", "new");
	g_autofree char *copy =
	        annotated("\tno\r\nx-own: old\r\nTo: a\r\n\r\n", 27, annotation);
	assert_string_equal(
	        copy, "X-Triaged-Class: spam-detected\r\nX-Own: new\r\nTo: a\r\n\r\n");
}

/* A customer's words stand in our fields: they neither end them nor break the line's length. */
static void
test_values_are_harmless(void **state)
{
	(void)state;
	g_autoptr(Annotation) annotation = annotation_new();
	g_autofree char *long_value = g_strnfill(3000, 'a');
	annotation_add(
	        annotation, "X-A", "one\r\nX-OTRS-Queue: two\r\n\r\nbody \xe2\x80\xae");
	annotation_add(annotation, "X-B", "perché =?utf-8?q?=0d=0aX-C:?=");
	annotation_add(annotation, "X-C", "=?utf-8?q?=0d=0aX-OTRS-Queue:_b?=");
	annotation_add(annotation, "X-D", long_value);
	g_autofree char *copy = annotated("To: a\r\n\r\n", 9, annotation);
	g_auto(GStrv) lines = g_strsplit(copy, "\r\n", -1);
	guint fields = 0;
	for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
		assert_true(strlen(lines[i]) < 998);
		assert_null(strpbrk(lines[i], "\r\n"));
		fields += lines[i][0] != ' ' && lines[i][0] != '\t';
	}
	assert_int_equal(fields, 5);
	assert_null(strstr(copy, "é"));
	/* encoded words, too, hold no line ends and nothing that nobody sees */
	g_autoptr(Header) header = header_parse(copy, strlen(copy));
	assert_string_equal(header_get(header, "X-A"), "one X-OTRS-Queue: two body");
	assert_string_equal(
	        header_get(header, "X-C"), "= ?utf-8?q?=0d=0aX-OTRS-Queue:_b?=");
	assert_true(strlen(header_get(header, "X-D")) < 1000);
	assert_null(strstr(copy, "\nX-OTRS"));
	assert_true(g_str_has_suffix(copy, "\r\nTo: a\r\n\r\n"));
}

static void
test_body_is_kept_byte_by_byte(void **state)
{
	(void)state;
	static const char mail[] = "To: a\r\n\r\n\xff\xfe X-OTRS-Queue: a\r\r\n\n\0end";
	g_autoptr(Annotation) none = annotation_new();
	g_autoptr(GBytes) bytes = g_bytes_new(mail, sizeof mail - 1);
	g_autoptr(GBytes) copy = annotate(bytes, none, prefixes);
	assert_true(g_bytes_equal(bytes, copy));
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(samples)] = { 0 };
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		tests[i].name = samples[i].name;
		tests[i].test_func = test_stripping;
		tests[i].initial_state = (void *)&samples[i];
	}
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_fields_stand_in_front),
		cmocka_unit_test(test_values_are_harmless),
		cmocka_unit_test(test_body_is_kept_byte_by_byte),
	};
	return cmocka_run_group_tests_name("strip", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("annotate", others, NULL, NULL);
}
