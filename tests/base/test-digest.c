#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "base/digest.h"

#define LONG_BYTES 1000003

/* FIPS 180-2, appendix B, and the empty text. */
static const struct sample {
	const char *text, *wanted;
} samples[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
test_samples(void **state G_GNUC_UNUSED)
{
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *digest =
		        digest_sha256(samples[i].text, strlen(samples[i].text));
		assert_string_equal(digest, samples[i].wanted);
	}
}

/* Journals of earlier versions were written by GLib: the same bytes must be known again. */
static void
test_as_glib(void **state G_GNUC_UNUSED)
{
	guint8 *all = g_malloc(LONG_BYTES);
	for (gsize i = 0; i < LONG_BYTES; i++)
		all[i] = (guint8)(i * i >> 3);
	g_autoptr(GBytes) bytes = g_bytes_new_take(all, LONG_BYTES);
	g_autofree char *theirs =
	        g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	g_autofree char *digest = digest_sha256_bytes(bytes);
	assert_string_equal(digest, theirs);
}

/* What was signed by earlier versions, with GLib's, is ours still. */
static void
test_hmac(void **state G_GNUC_UNUSED)
{
	static const char *const texts[] = { "", "token 7 0", "address anna@example.it",
		"a text that is longer than one block of the hash, which has 64 bytes, "
		"so that it goes on in a second one" };
	guint8 key[32];
	for (gsize i = 0; i < sizeof key; i++)
		key[i] = (guint8)(i * 7 + 1);
	Hmac *hmac = hmac_new(key, sizeof key);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		guint8 ours[HMAC_BYTES], theirs[HMAC_BYTES];
		gsize length = sizeof theirs;
		GHmac *other = g_hmac_new(G_CHECKSUM_SHA256, key, sizeof key);
		g_hmac_update(other, (const guchar *)texts[i], -1);
		g_hmac_get_digest(other, theirs, &length);
		g_hmac_unref(other);
		hmac_digest(hmac, texts[i], ours);
		assert_int_equal(length, sizeof ours);
		assert_memory_equal(ours, theirs, sizeof ours);
	}
	hmac_free(hmac);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_as_glib),
		cmocka_unit_test(test_hmac),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
