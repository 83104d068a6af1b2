/*
 * Digests: by what the same bytes are known again.
 *
 * OpenSSL counts, with the processor's own instructions where it has them: GLib's took a
 * fifth of what the watcher spent on a mail.
 */
#pragma once

#include <glib.h>

/* The SHA-256 of bytes in 64 hexadecimal digits, lower case. */
char *digest_sha256(const void *bytes, gsize size);
char *digest_sha256_bytes(GBytes *bytes);

#define HMAC_BYTES 32

/* A key for HMAC-SHA-256 (RFC 2104), made ready once: a mail needs half a dozen of them. */
typedef struct Hmac Hmac;

/* At most 64 bytes of key. */
Hmac *hmac_new(const void *key, gsize size);
void hmac_free(Hmac *hmac);

void hmac_digest(const Hmac *hmac, const char *text, guint8 digest[HMAC_BYTES]);
