/* Eight bytes at once say what each says alone. */

#include <string.h>

#include "base/eight.h"
#include "tests/suite.h"

static gboolean
top_of(guint64 tops, guint place)
{
	assert_true((tops & ~EIGHT_TOPS) == 0);
	return (tops >> place * 8 & 0x80) != 0;
}

static void
check(const char text[8])
{
	guint64 eight = eight_read(text);
	guint64 alnum = eight_alnum(eight), spaces = eight_equal(eight, ' ');
	guint64 highs = eight_equal(eight, 0xc3);
	for (guint i = 0; i < 8; i++) {
		assert_int_equal(top_of(alnum, i), g_ascii_isalnum(text[i]) != 0);
		assert_int_equal(top_of(spaces, i), text[i] == ' ');
		assert_int_equal(top_of(highs, i), (guchar)text[i] == 0xc3);
	}
	if (spaces != 0)
		assert_ptr_equal(memchr(text, ' ', 8), text + eight_first(spaces));
}

/* Every byte in every place, among neighbours that a carry would change. */
static void
each_byte(void **state)
{
	static const guint8 others[] = { 0x00, ' ', '/', '0', '9', ':', '@', 'Z', '[',
		'`', 'a', 'z', '{', 0x7f, 0x80, 0xa0, 0xc3, 0xff };
	(void)state;
	for (gsize k = 0; k < G_N_ELEMENTS(others); k++)
		for (guint i = 0; i < 8; i++)
			for (guint byte = 0; byte < 256; byte++) {
				char text[8];
				memset(text, others[k], sizeof text);
				text[i] = (char)byte;
				check(text);
			}
}

static void
any_bytes(void **state)
{
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 20000; round++) {
		char text[8];
		for (guint i = 0; i < sizeof text; i++)
			text[i] = (char)g_rand_int_range(chance, 0, 256);
		check(text);
	}
}

static void
ends(void **state)
{
	static const char text[] = "abcdefghijkl";
	(void)state;
	for (gsize length = 0; length < sizeof text; length++) {
		char wanted[8] = { 0 };
		guint64 eight = eight_read_up_to(text, text + length);
		memcpy(wanted, text, MIN(length, sizeof wanted));
		assert_true(eight == eight_read(wanted));
	}
}

static void
bounds(void **state)
{
	(void)state;
	for (guint byte = 0; byte < 0x80; byte++)
		for (guint8 least = 1; least < 0x80; least++)
			assert_true(eight_from(EIGHT_EACH((guint64)byte), least) ==
			            (byte >= least ? EIGHT_TOPS : 0));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(each_byte), cmocka_unit_test(any_bytes),
	        cmocka_unit_test(ends), cmocka_unit_test(bounds));
	return suite_run(suite, "eight", NULL, NULL);
}
