/*
 * SMTP reply codes (RFC 5321 4.2) and enhanced status codes (RFC 3463) as they stand in text.
 *
 * Surprising rule: three digits are a reply code only where something says so: a status right
 * behind, the head of the text, a mark such as ':' or '(' before, or the words that servers
 * put behind codes. "ho inviato 500 messaggi" and "porta 465" hold none.
 */
#pragma once

#include <glib.h>

#define REPLY_CODE_SIZE 4
#define REPLY_STATUS_SIZE 12

/* Find the reply code and enhanced status in an error text, verbatim or folded; either may be
 * "". Only failures (4xx, 5xx) count. A status right behind its code, "550-5.7.26",
 * "(#5.7.1)"; not a version, an IP address or a date. */
void utterance_codes(
        const char *text, char code[REPLY_CODE_SIZE], char status[REPLY_STATUS_SIZE]);

/* Whether a text of this length holds digits that may be a code or a status at all. Where it does
 * not, both are "": as in most lines. */
gboolean utterance_may_have_codes(const char *text, gsize length);
