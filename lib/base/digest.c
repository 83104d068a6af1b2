#include "base/digest.h"

#include <openssl/evp.h>

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
