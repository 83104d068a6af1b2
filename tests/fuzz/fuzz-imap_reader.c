/* Whatever an IMAP server says, in pieces of any size: the pieces must not matter. */
#include "net/imap_reader.h"
#include "tests/fuzz/target.h"

#define KEEP 100
#define PIECE_MAX 30

/* Feed it all; the answers' kinds and texts. pieces: NULL for all at once. */
static char *
read_all(const uint8_t *data, size_t size, GRand *pieces)
{
	g_autoptr(ImapReader) reader = imap_reader_new(KEEP);
	GString *said = g_string_new(NULL);
	for (size_t at = 0; at < size;) {
		gsize piece = pieces != NULL
		                      ? (gsize)g_rand_int_range(pieces, 1, PIECE_MAX)
		                      : size - at;
		g_autoptr(ImapAnswer) answer = NULL;
		gssize taken = imap_reader_feed(
		        reader, data + at, MIN(piece, size - at), &answer, NULL);
		if (taken < 0)
			break;
		target_must((gsize)taken <= MIN(piece, size - at));
		at += taken;
		if (answer != NULL)
			g_string_append_printf(said, "%zu:%d,%d,%s,%s\n", at,
			        answer->kind, answer->status,
			        answer->name != NULL ? answer->name : "",
			        answer->text != NULL ? answer->text : "");
	}
	return g_string_free(said, FALSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	GRand *pieces = g_rand_new_with_seed((guint32)size);
	g_autofree char *whole = read_all(data, size, NULL);
	g_autofree char *pieced = read_all(data, size, pieces);
	g_rand_free(pieces);
	target_must(g_str_equal(whole, pieced));
	return 0;
}
