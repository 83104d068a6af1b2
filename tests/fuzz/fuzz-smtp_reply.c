/* Whatever an SMTP server says, in pieces of any size: the pieces must not matter. */
#include "net/smtp_reply.h"
#include "tests/fuzz/target.h"

#define PIECE_MAX 30

static char *
read_all(const uint8_t *data, size_t size, GRand *pieces)
{
	g_autoptr(SmtpReader) reader = smtp_reader_new();
	GString *said = g_string_new(NULL);
	for (size_t at = 0; at < size;) {
		gsize piece = pieces != NULL
		                      ? (gsize)g_rand_int_range(pieces, 1, PIECE_MAX)
		                      : size - at;
		SmtpReply *reply = NULL;
		gssize taken = smtp_reader_feed(
		        reader, data + at, MIN(piece, size - at), &reply, NULL);
		if (taken < 0)
			break;
		target_must((gsize)taken <= MIN(piece, size - at));
		at += taken;
		if (reply != NULL)
			g_string_append_printf(said, "%zu:%d,%s,%s\n", at, reply->code,
			        reply->status != NULL ? reply->status : "-",
			        reply->words);
		g_clear_pointer(&reply, smtp_reply_free);
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
