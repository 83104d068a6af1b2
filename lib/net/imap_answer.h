/*
 * What an IMAP server says (RFC 9051 7, RFC 3501 7): one complete answer, parsed.
 *
 * Pure: imap_reader.h makes complete answers from bytes.
 */
#pragma once

#include <glib.h>

typedef enum { IMAP_ATOM, IMAP_STRING, IMAP_NIL, IMAP_LIST } ImapKind;

typedef struct {
	ImapKind kind;
	char *text;      /* ATOM, quoted STRING: NUL-terminated; else NULL */
	GBytes *bytes;   /* a literal STRING: what was kept of it; else NULL */
	gsize full_size; /* of a literal: the announced size */
	GPtrArray *list; /* LIST: of ImapValue */
} ImapValue;

typedef enum { IMAP_UNTAGGED, IMAP_TAGGED, IMAP_CONTINUE } ImapAnswerKind;
typedef enum {
	IMAP_DATA,
	IMAP_OK,
	IMAP_NO,
	IMAP_BAD,
	IMAP_BYE,
	IMAP_PREAUTH
} ImapStatus;

typedef struct {
	ImapAnswerKind kind;
	char *tag;         /* IMAP_TAGGED */
	ImapStatus status; /* IMAP_DATA: neither OK, NO, BAD, BYE nor PREAUTH */
	char *code;        /* of a status: "UIDVALIDITY", upper case; or NULL */
	char *code_text;   /* what follows it within the brackets: "1234"; or NULL */
	char *text; /* of a status or continuation: the words; never NULL there */
	gboolean numbered; /* "* 12 FETCH": */
	guint32 number;    /* 12 */
	char *name;        /* of data: "FETCH", "EXISTS", upper case */
	GPtrArray *values; /* of data: of ImapValue; never NULL there */
} ImapAnswer;

/* Parse an answer's lines; each "{12}" in them takes the next of literals (of ImapValue; taken
 * out). NULL when it cannot be read. */
ImapAnswer *imap_answer_parse(const char *text, GPtrArray *literals);

/* Whether text starts an untagged answer other than a status: only there literals stand. */
gboolean imap_is_data(const char *text);

/* An empty array that owns ImapValues. */
GPtrArray *imap_values_new(void);

void imap_answer_free(ImapAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapAnswer, imap_answer_free)

/* "* 12 FETCH (NAME value ...)": the value of name (any case, up to "<" of a partial), or NULL.
 * Borrowed. */
const ImapValue *imap_answer_fetch_item(const ImapAnswer *answer, const char *name);

/* The text of an atom or quoted string, or of a short literal without NUL; else NULL. Borrowed
 * for as long as value lives. */
const char *imap_value_text(const ImapValue *value);

/* The bytes of any string; NULL for other kinds. New reference. */
GBytes *imap_value_bytes(const ImapValue *value);

/* A number in decimal digits; FALSE when it is none or too large. */
gboolean imap_value_number(const ImapValue *value, guint64 *number);

/* INTERNALDATE ("17-Jul-1996 02:44:25 -0700") in seconds since the epoch; 0 when it is none. */
gint64 imap_date_parse(const char *text);
