/*
 * What bytes are, whatever they are declared as: customers' programs label forwarded mails,
 * delivery reports and pictures as application/octet-stream or text/plain.
 */
#pragma once

#include <glib.h>

typedef enum {
	SNIFF_NOTHING,
	SNIFF_MAIL,            /* several fields of a mail and a body */
	SNIFF_HEADERS,         /* the header of a mail without its body */
	SNIFF_DELIVERY_STATUS, /* RFC 3464 fields */
} Sniff;

/* What a text begins with. UTF-8 or any superset of ASCII. */
Sniff sniff_text(const char *bytes, gsize length);

/* Whether the bytes can be read as text: no control characters but blanks and line ends. */
gboolean sniff_is_text(const char *bytes, gsize length);

/* Whether a text begins as an HTML document does. */
gboolean sniff_is_html(const char *bytes, gsize length);

/* Whether this is a PNG, GIF, JPEG, BMP or WebP image; its size when the header tells. */
gboolean sniff_image(const char *bytes, gsize length, guint *width, guint *height);
