/*
 * What an SMTP server says (RFC 5321 4.2): bytes in, replies out. Pure, like imap_reader.h.
 */
#pragma once

#include <glib.h>

typedef struct {
	int code;     /* 200 to 599 */
	char *status; /* enhanced status "5.1.1" of the same class (RFC 2034), or NULL */
	char *words;  /* of all lines, without codes, as one; never NULL */
} SmtpReply;

void smtp_reply_free(SmtpReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpReply, smtp_reply_free)

typedef struct SmtpReader SmtpReader;
SmtpReader *smtp_reader_new(void);
void smtp_reader_free(SmtpReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpReader, smtp_reader_free)

/* Take bytes up to the end of one reply. Returns how many were taken; *reply is the reply
 * they completed, or NULL. -1 with ERROR_TEMPORARY when this is no SMTP. */
gssize smtp_reader_feed(SmtpReader *reader, const void *bytes, gsize size,
        SmtpReply **reply, GError **error);

/* Parse "5.1.1 words" of a reply whose code starts with class_digit; NULL when there is no
 * such status. *rest is where the words begin. */
char *smtp_status_parse(const char *text, char class_digit, const char **rest);
