#include "mail/sniff.h"

#include <string.h>

#include "mail/header.h"

/* Header fields stand at the start or nowhere. */
#define HEADER_SAMPLE (32 * 1024)
#define TEXT_SAMPLE 1024
/* A mail that was pasted or saved has at least so many well-known fields. */
#define MIN_KNOWN_FIELDS 3
#define MIN_STRONG_FIELDS 2
/* A shorter remainder behind a header block is a signature or a blank, not a body. */
#define MIN_BODY 40
/* Header blocks with empty lines between that are taken as one. */
#define MAX_BLOCKS 50

static const char *const strong_fields[] = { "From", "Received", "Subject", "Date",
	NULL };
static const char *const known_fields[] = { "To", "Cc", "Message-ID", "Return-Path",
	"MIME-Version", "Content-Type", "Delivered-To", "Envelope-To", "Reply-To",
	"X-Mailer", "In-Reply-To", "References", "Authentication-Results",
	"DKIM-Signature", "Received-SPF", NULL };
static const char *const trace_fields[] = { "Received", "Return-Path", "Delivered-To",
	"X-Received", "Authentication-Results", "DKIM-Signature", "Received-SPF",
	"ARC-Seal", "ARC-Message-Signature", "Message-ID", NULL };
static const char *const status_fields[] = { "Final-Recipient", "Reporting-MTA", NULL };
static const char *const status_openers[] = { "Reporting-MTA", "Original-Envelope-Id",
	"DSN-Gateway", "Received-From-MTA", "Arrival-Date", "Final-Recipient",
	"Original-Recipient", "X-Postfix-Queue-ID", "X-Postfix-Sender",
	"X-Display-Name", "Action", "Status", NULL };

static guint
count_fields(const Header *header, const char *const *names)
{
	guint count = 0;
	for (; *names != NULL; names++)
		if (header_has(header, *names))
			count++;
	return count;
}

static gboolean
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (g_ascii_strcasecmp(name, *names) == 0)
			return TRUE;
	return FALSE;
}

/* What a header says about being one. */
typedef struct {
	guint strong, known, trace;
	gboolean traced_first;         /* begins as mail servers begin a header */
	gboolean status_first, status; /* begins as a delivery status, and is one */
} Signs;

static void
read_signs(const Header *header, Signs *signs, gboolean first)
{
	guint strong = count_fields(header, strong_fields);
	signs->strong += strong;
	signs->known += strong + count_fields(header, known_fields);
	signs->trace += count_fields(header, trace_fields);
	if (!first || header->fields->len == 0)
		return;
	const HeaderField *field = g_ptr_array_index(header->fields, 0);
	signs->traced_first = is_one_of(field->name, trace_fields);
	signs->status_first = is_one_of(field->name, status_openers);
	signs->status = count_fields(header, status_fields) > 0;
}

/* Return where the header ends. Pasting puts empty lines between fields: what reads as
 * further trace fields is still the header. */
static gsize
read_blocks(const char *bytes, gsize length, Signs *signs)
{
	gsize at = 0, body;
	gboolean cut = FALSE;
	for (int block = 0; block < MAX_BLOCKS; block++) {
		g_autoptr(Header) header = header_read(
		        bytes + at, length - at, HEADER_OF_MAIL, &body, &cut);
		if (block > 0 && count_fields(header, trace_fields) == 0)
			break;
		read_signs(header, signs, block == 0);
		at += body;
	}
	return at;
}

static gboolean
has_body(const char *bytes, gsize length)
{
	gsize seen = 0;
	for (gsize i = 0; i < length && seen < MIN_BODY; i++)
		if (!g_ascii_isspace(bytes[i]))
			seen++;
	return seen >= MIN_BODY;
}

Sniff
sniff_text(const char *bytes, gsize length)
{
	Signs signs = { 0 };
	gsize sample = MIN(length, HEADER_SAMPLE);
	gsize body = read_blocks(bytes, sample, &signs);
	if (signs.status_first)
		return signs.status ? SNIFF_DELIVERY_STATUS : SNIFF_NOTHING;
	gboolean whole =
	        signs.strong >= MIN_STRONG_FIELDS && signs.known >= MIN_KNOWN_FIELDS;
	if (!whole && !(signs.known >= 2 && signs.traced_first))
		return SNIFF_NOTHING;
	if (whole && has_body(bytes + body, sample - body))
		return SNIFF_MAIL;
	return signs.trace > 0 ? SNIFF_HEADERS : SNIFF_NOTHING;
}

gboolean
sniff_is_text(const char *bytes, gsize length)
{
	gsize sample = MIN(length, TEXT_SAMPLE);
	for (gsize i = 0; i < sample; i++) {
		guchar c = bytes[i];
		if ((c < ' ' && !g_ascii_isspace(c) && c != 0x1b) || c == 127)
			return FALSE;
	}
	return length > 0;
}

gboolean
sniff_is_html(const char *bytes, gsize length)
{
	static const char *const openers[] = { "<!doctype html", "<html", "<head",
		"<body", NULL };
	gsize at = 0;
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (at < length && g_ascii_isspace(bytes[at]))
		at++;
	for (const char *const *opener = openers; *opener != NULL; opener++) {
		gsize wanted = strlen(*opener);
		if (length - at >= wanted &&
		        g_ascii_strncasecmp(bytes + at, *opener, wanted) == 0)
			return TRUE;
	}
	return FALSE;
}

static guint
big16(const guchar *at)
{
	return at[0] << 8 | at[1];
}

static guint
little16(const guchar *at)
{
	return at[1] << 8 | at[0];
}

/* Find the frame header among a JPEG's segments (ITU T.81 B.1.1.3). */
static void
read_jpeg_size(const guchar *at, gsize length, guint *width, guint *height)
{
	gsize i = 2;
	while (i + 9 < length && at[i] == 0xFF) {
		guchar marker = at[i + 1];
		gboolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
		                 marker != 0xC8 && marker != 0xCC;
		if (frame) {
			*height = big16(at + i + 5);
			*width = big16(at + i + 7);
			return;
		}
		gboolean bare = marker == 0xFF || marker == 0x01 ||
		                (marker >= 0xD0 && marker <= 0xD8);
		i += marker == 0xFF ? 1 : bare ? 2 : 2 + (gsize)big16(at + i + 2);
	}
}

gboolean
sniff_image(const char *bytes, gsize length, guint *width, guint *height)
{
	const guchar *at = (const guchar *)bytes;
	*width = *height = 0;
	if (length >= 24 && memcmp(at, "\x89PNG\r\n\x1a\n", 8) == 0) {
		*width = big16(at + 18) | MIN(big16(at + 16), 0x7FFFu) << 16;
		*height = big16(at + 22) | MIN(big16(at + 20), 0x7FFFu) << 16;
		return TRUE;
	}
	if (length >= 10 &&
	        (memcmp(at, "GIF87a", 6) == 0 || memcmp(at, "GIF89a", 6) == 0)) {
		*width = little16(at + 6);
		*height = little16(at + 8);
		return TRUE;
	}
	if (length >= 4 && memcmp(at, "\xFF\xD8\xFF", 3) == 0) {
		read_jpeg_size(at, length, width, height);
		return TRUE;
	}
	if (length >= 26 && memcmp(at, "BM", 2) == 0 && little16(at + 14) == 40) {
		*width = little16(at + 18);
		*height = little16(at + 22);
		return TRUE;
	}
	return length >= 12 && memcmp(at, "RIFF", 4) == 0 &&
	       memcmp(at + 8, "WEBP", 4) == 0;
}
