/* Mail addresses as they stand in free text: found, cleaned, compared. */
#pragma once

#include <glib.h>

/* Return the addresses in text, in order, without duplicates, lower-cased, without
 * surrounding <>, quotes, "mailto:" and trailing punctuation. Message-IDs (in <>, behind
 * "Message-ID:"/"References:"/"In-Reply-To:") are passed over. */
GPtrArray *address_find_all(const char *text); /* of char * */

/* Whether text is exactly one syntactically valid addr-spec (RFC 5321 4.1.2; also UTF-8). */
gboolean address_is_valid(const char *text);

/* The part after '@', or NULL. Borrowed. */
const char *address_domain(const char *address);

/* Whether text matches a glob: "*" stands for anything, "?" for one byte. */
gboolean address_glob(const char *glob, const char *text);

/* Whether a host or domain matches a glob such as "*.example.it" (which also matches
 * "example.it" itself), case-insensitively. */
gboolean address_host_matches(const char *host, const char *glob);
