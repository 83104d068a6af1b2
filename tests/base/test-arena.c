#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

#define BLOCKS 500

/* Blocks of all sizes, below and above a chunk's, stay apart and where they are. */
static void
test_blocks_are_apart(void **state)
{
	(void)state;
	Arena arena = { 0 };
	guchar *blocks[BLOCKS];
	for (gsize i = 0; i < BLOCKS; i++) {
		gsize size = i * 7;
		blocks[i] = arena_take(&arena, size);
		assert_int_equal((uintptr_t)blocks[i] % sizeof(gpointer), 0);
		memset(blocks[i], (int)(i % 251), size);
	}
	for (gsize i = 0; i < BLOCKS; i++)
		for (gsize k = 0; k < i * 7; k++)
			assert_int_equal(blocks[i][k], i % 251);
	arena_clear(&arena);
	assert_null(arena.chunks);
	arena_clear(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_blocks_are_apart) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
