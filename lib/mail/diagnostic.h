/*
 * The words of a server's refusal: unfolded, and what stands in them read out.
 *
 * Surprising rule: an enhanced status in the words outranks the Status field where that is
 * general (5.0.0), an expiry (4.4.7) or the unknown user that gateways put for everything.
 */
#pragma once

#include <glib.h>

#define DIAGNOSTIC_MAX 4000 /* bytes of one diagnostic that are kept */

/* Return words on one line, white space folded, the repeated "550-5.1.1 " of a multi-line
 * reply left out (RFC 5321 4.2.1); NULL when nothing is left. */
char *diagnostic_unfold(const char *words);

/* The first reply code (RFC 5321 4.2) in words, or NULL. */
char *diagnostic_reply_code(const char *words);

/* The enhanced status (RFC 3463) in words, the most specific one first, or NULL. */
char *diagnostic_status(const char *words);

/* The status of a Status field's value or NULL, weighed against what the words say. */
char *diagnostic_choose_status(const char *field, const char *words);

/* The host whose words these are ("host mx.a.example[192.0.2.1] said: ..."), or NULL. */
char *diagnostic_host(const char *words);

/* Whether words look like a server's: a reply code, a status, or "said:" and the like. */
gboolean diagnostic_is_reply(const char *words);

/* The next address in text at or after *start, as a report writes it: between <> or bare,
 * with a quoted local part, without a top-level domain too. *start and *end become its
 * place, <> included. NULL when there is none. */
char *diagnostic_address(const char *text, gsize *start, gsize *end);
