#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define BLOCK_BYTES 64 /* of SHA-256 */

struct Hmac {
	EVP_MD_CTX *inner, *outer; /* that have seen the padded key */
};

char *
digest_sha256(const void *bytes, gsize size)
{
	static const char digits[] = "0123456789abcdef";
	guchar digest[EVP_MAX_MD_SIZE];
	guint length = 0;
	if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1)
		g_error("OpenSSL cannot make a SHA-256");
	char *text = g_malloc(2 * (gsize)length + 1);
	for (guint i = 0; i < length; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * length] = '\0';
	return text;
}

char *
digest_sha256_bytes(GBytes *bytes)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	return digest_sha256(data, size);
}

/* One of the two hashes of RFC 2104 2, begun with the key. */
static EVP_MD_CTX *
begin_hash(const guint8 key[BLOCK_BYTES], guint8 pad)
{
	guint8 block[BLOCK_BYTES];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	for (gsize i = 0; i < BLOCK_BYTES; i++)
		block[i] = key[i] ^ pad;
	if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1 ||
	        EVP_DigestUpdate(hash, block, BLOCK_BYTES) != 1)
		g_error("OpenSSL cannot make a SHA-256");
	OPENSSL_cleanse(block, sizeof block);
	return hash;
}

Hmac *
hmac_new(const void *key, gsize size)
{
	guint8 block[BLOCK_BYTES] = { 0 };
	g_return_val_if_fail(size <= BLOCK_BYTES, NULL);
	memcpy(block, key, size);
	Hmac *hmac = g_new0(Hmac, 1);
	hmac->inner = begin_hash(block, 0x36);
	hmac->outer = begin_hash(block, 0x5c);
	OPENSSL_cleanse(block, sizeof block);
	return hmac;
}

void
hmac_free(Hmac *hmac)
{
	if (hmac == NULL)
		return;
	EVP_MD_CTX_free(hmac->inner);
	EVP_MD_CTX_free(hmac->outer);
	g_free(hmac);
}

/* Go on from a hash that was begun, and leave that one as it is. */
static void
end_hash(const EVP_MD_CTX *begun, const void *bytes, gsize size,
        guint8 digest[HMAC_BYTES])
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	if (hash == NULL || EVP_MD_CTX_copy_ex(hash, begun) != 1 ||
	        EVP_DigestUpdate(hash, bytes, size) != 1 ||
	        EVP_DigestFinal_ex(hash, digest, NULL) != 1)
		g_error("OpenSSL cannot make a SHA-256");
	EVP_MD_CTX_free(hash);
}

void
hmac_digest(const Hmac *hmac, const char *text, guint8 digest[HMAC_BYTES])
{
	guint8 inner[HMAC_BYTES];
	end_hash(hmac->inner, text, strlen(text), inner);
	end_hash(hmac->outer, inner, sizeof inner, digest);
}
