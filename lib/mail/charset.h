/*
 * Bytes of unknown or wrongly declared charset to UTF-8.
 *
 * Surprising rule: the declaration is a hint. Bytes that are valid UTF-8 beat a declared
 * Latin charset or none, a byte order mark beats everything, and what is still undecodable
 * is read byte by byte as Windows-1252, so that no text is ever lost.
 */
#pragma once

#include <glib.h>

/* Decode; declared may be NULL. The result is valid UTF-8 without NUL. */
char *charset_decode(const char *bytes, gsize length, const char *declared);

/* Decode where the declaration is certain: no guessing. NULL is Windows-1252. */
char *charset_decode_as(const char *bytes, gsize length, const char *declared);

/* Decode UTF-16, little-endian unless a byte order mark says otherwise. */
char *charset_decode_utf16(const char *bytes, gsize length);

/* charset_decode() with LF line ends: CRLF and bare CR become LF. */
char *charset_decode_text(const char *bytes, gsize length, const char *declared);

/* Whether the bytes are UTF-16 text: by byte order mark, or by every other byte being NUL. */
gboolean charset_is_utf16(const char *bytes, gsize length);
