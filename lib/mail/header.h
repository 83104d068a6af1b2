/* The header of one mail: fields in order, decoded (RFC 2047, 2231, charsets guessed). */
#pragma once

#include <glib.h>

#include "base/arena.h"

typedef struct {
	char *name;  /* as written */
	char *value; /* decoded, unfolded, valid UTF-8, no CR LF NUL */
	gsize name_length;
} HeaderField;

typedef struct {
	GPtrArray *fields; /* of HeaderField, top to bottom; bounded by the reader */
	Arena arena;       /* what they and their words stand in */
	guint owners;
} Header;

typedef struct {
	char *name;    /* display name, may be NULL */
	char *address; /* addr-spec, lower-cased domain */
} NameAddr;

/* Without any field. */
Header *header_new(void);

/* Add a field with a decoded value behind the others. */
void header_put(Header *header, const char *name, const char *value);

/* The same header for one more owner, who frees it too. Nothing is added to it any more. */
Header *header_share(const Header *header);

void header_free(Header *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Header, header_free)

/* The first field of that name (case-insensitive), or NULL. Borrowed. */
const char *header_get(const Header *header, const char *name);

/* All values of that name, top to bottom; borrowed strings, free the array. */
GPtrArray *header_get_all(const Header *header, const char *name);

gboolean header_has(const Header *header, const char *name);

typedef enum {
	HEADER_OF_MAIL, /* blank and mbox "From " lines above it are passed over */
	HEADER_OF_PART, /* a block without any MIME field is no header but the body's start */
	HEADER_PASTED, /* what is no field is passed over */
} HeaderPlace;

/* Read the header at the start of bytes; *body is where the body starts. *cut is set (never
 * cleared) when a limit left something out. A field folded without indent (a line that is
 * no field, before a field) is mended. */
Header *header_read(
        const char *bytes, gsize length, HeaderPlace place, gsize *body, gboolean *cut);

/* Read a header block from text (pasted headers, text/rfc822-headers): stops at the first
 * empty line or at max_fields. Never fails; what is no field is passed over. */
Header *header_parse(const char *text, gsize length);

/* Parse an address list field (RFC 5322 3.4; groups flattened): of NameAddr. */
GPtrArray *header_addresses(const char *value);

/* Fields of a name that a mail has once (From, To) which are read: of many, each of 64 KB, the
 * addresses alone would take seconds. */
#define HEADER_REPEATS_MAX 10

/* The same for who needs the first ones: ends a long list soon after max are found. */
GPtrArray *header_addresses_up_to(const char *value, guint max);
void name_addr_free(NameAddr *name_addr);

/* Parse an RFC 5322 date, leniently; NULL when it is none. */
GDateTime *header_date(const char *value);

/* The message ids in a References/In-Reply-To/Message-ID value, with their <>. */
GStrv header_message_ids(const char *value);
