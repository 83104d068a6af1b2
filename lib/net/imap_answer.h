/*
 * Reading what an IMAP server says (RFC 9051 7, RFC 3501 7): bytes in, answers out.
 *
 * Pure: no socket, so it can be fed byte by byte by a test or a fuzzer. A literal is read by
 * its announced length and never looked into, whatever stands in the mail. A literal longer
 * than the reader keeps is read to its end and cut; only absurd sizes, overlong lines,
 * too deep nesting and broken syntax are errors, after which the reader gives nothing more.
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

typedef struct ImapReader ImapReader;

/* keep: how many bytes of each literal are kept. */
ImapReader *imap_reader_new(gsize keep);
void imap_reader_free(ImapReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapReader, imap_reader_free)

/* Change how much of a literal is kept from the next answer on. */
void imap_reader_set_keep(ImapReader *reader, gsize keep);

/*
 * Take bytes up to the end of one answer. Returns how many were taken; *answer is the
 * answer that they completed (owned by the caller), or NULL: feed more. -1 with
 * ERROR_TEMPORARY when this is no IMAP.
 */
gssize imap_reader_feed(ImapReader *reader, const void *bytes, gsize size,
        ImapAnswer **answer, GError **error);

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
