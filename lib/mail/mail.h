/*
 * A mail: bytes in, an immutable tree out.
 *
 * Surprising rules: a part that holds a mail is opened whatever type it is declared as
 * (.eml as application/octet-stream, base64 message/rfc822, headerless text/plain .eml);
 * part ids are numbered as IMAP numbers sections (RFC 9051 6.4.5), so "2.2" is the second
 * part of the mail attached as part 2. A body without multipart is part "1".
 */
#pragma once

#include <glib.h>

#include "mail/header.h"

typedef enum {
	PART_MULTIPART,
	PART_TEXT,    /* text/plain and other readable text; text is set */
	PART_HTML,    /* text/html; text is its readable rendering, or NULL when the plain
	                 alternative before it surely says as much */
	PART_MESSAGE, /* an attached mail, any declared type; message is set */
	PART_DELIVERY_STATUS, /* message/delivery-status, also under a wrong type; text is set */
	PART_HEADERS, /* text/rfc822-headers, or a file of pasted headers; text is set */
	PART_IMAGE,
	PART_UNREADABLE, /* a container that is not opened: .zip, .7z, encrypted: name it */
	PART_OTHER,
} PartKind;

typedef struct Mail Mail;
typedef struct Part Part;
typedef struct Lines Lines; /* mail/lines.h */

struct Part {
	char *id; /* "1", "2.1"; a mail's own multipart "TEXT", "2.TEXT" */
	PartKind kind;
	char *type; /* declared media type, lower case, "text/plain" when absent */
	char *report_type;    /* multipart/report's report-type parameter, or NULL */
	char *method;         /* text/calendar's method parameter (RFC 6047), or NULL */
	char *filename;       /* decoded (RFC 2231, 2047), or NULL */
	char *content_id;     /* without <>, or NULL */
	gboolean attachment;  /* Content-Disposition: attachment */
	gboolean alternative; /* an HTML part that a text/plain sibling says too */
	gsize size;           /* decoded bytes */
	guint width, height;  /* of an image (PNG, GIF, JPEG), 0 when unknown */
	char *text; /* UTF-8, LF line ends, no NUL; NULL unless a text kind, or
	                     a PART_OTHER of type message/... (RFC 5965, RFC 8098) */
	Lines *lines; /* of the text, cut when they are first asked for: part_lines() */
	GPtrArray *
	        links; /* HTML: of char *, Content-IDs its images refer to; else NULL */
	GPtrArray *children; /* multipart: of Part */
	Mail *message;       /* PART_MESSAGE */
	gboolean
	        own; /* PART_MESSAGE: no other mail, but this one's content (winmail.dat) */
	const Part *parent; /* NULL at the root */
};

struct Mail {
	Header *header;
	Part *root;         /* never NULL */
	gsize size;         /* bytes given */
	gboolean truncated; /* a limit cut it, or the caller passed a partial mail */
	char *limit;   /* the first limit that was hit, "depth", "parts" ..., or NULL */
	char *subject; /* decoded, never NULL */
	char *message_id; /* with <>, or NULL */
	GDateTime *date;  /* from Date:, or NULL */
	NameAddr *from;   /* first author, or NULL */
};

/* Of a text said twice the plain one is the mail, unless the HTML says so many times more:
 * then it is a stub such as "your program cannot show this". */
#define STUB_RATIO 3

typedef struct {
	guint parts; /* parts in the whole tree */
	guint depth; /* nesting of multiparts and messages */
	gsize text;  /* decoded bytes kept of one text part */
} MailLimits;

#define LIMIT_HEADER "header" /* the mail's own header was not read whole */

#define MAIL_LIMITS_DEFAULT                                                            \
	((MailLimits){ .parts = 500, .depth = 12, .text = 1024 * 1024 })

/* Parse one mail. Only bytes that are no mail at all (empty, no field in the first 64 KB)
 * fail, with ERROR_INPUT. Everything else ends in a tree, cut at the limits if need be. */
Mail *mail_parse(GBytes *bytes, const MailLimits *limits, GError **error);
void mail_free(Mail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mail, mail_free)

/* The text of a part cut into lines, once for all who read it; NULL without a text. Borrowed. */
const Lines *part_lines(const Part *part);

/* Call visit for every part of the tree, depth first, nested mails included; message_depth
 * counts the mails of others that a part stands in. */
typedef void (*PartVisitor)(const Part *part, guint message_depth, gpointer data);
void mail_walk(const Mail *mail, PartVisitor visit, gpointer data);

/* The time the mail arrived: its top Received field's, else Date:, else NULL. New reference. */
GDateTime *mail_arrival(const Mail *mail);
