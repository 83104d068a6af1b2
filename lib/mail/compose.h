/*
 * Outgoing mail: a reply's bytes, fixed once.
 *
 * No value can inject a field: every one is made one line and RFC 2047 encoded by GMime.
 * The text goes out as text/plain; charset=utf-8; format=flowed (RFC 3676), CRLF
 * ends, quoted-printable unless it is short ASCII lines.
 */
#pragma once

#include <glib.h>

typedef struct {
	const char *from_name, *from_address;
	const char *to;          /* one addr-spec, checked by the caller */
	const char *subject;     /* decoded UTF-8 */
	const char *message_id;  /* with <> */
	const char *in_reply_to; /* with <>, or NULL */
	const char *const *
	        references; /* with <>, NULL-terminated, or NULL; the last 20 are kept */
	const char *instance; /* X-Triaged-Loop */
	gint64 date;          /* seconds since the epoch */
	int utc_offset_minutes;
	const char *language; /* Content-Language */
	const char *text; /* UTF-8, LF ends; paragraphs are wrapped by format=flowed */
	const char *html; /* notes: the same as HTML, UTF-8 */
} Outgoing;

/* An internal note for agents, to be put into a folder and never sent: text and HTML, marked
 * X-Triaged-Note. Else as compose_reply(). */
GBytes *compose_note(const Outgoing *outgoing, GError **error);

/* Return the mail's bytes; ERROR_INPUT when an address is not valid. */
GBytes *compose_reply(const Outgoing *outgoing, GError **error);
