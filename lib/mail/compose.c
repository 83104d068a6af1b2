#include "mail/compose.h"

#include <string.h>

#include "base/address.h"
#include "base/errors.h"
#include "base/text.h"
#include "mail/encoded_word.h"
#include "mail/gmime_use.h"

/* A flowed line with its blank (RFC 3676 4.2: 78 or less). */
#define WRAP_AT 72
/* RFC 5322 2.1.1, less the longest field name here. */
#define MAX_MESSAGE_ID 960
#define MAX_REFERENCES 20
#define MAX_SUBJECT 300
#define MAX_NAME 120
#define MAX_TOKEN 64
/* A longer line goes out in quoted-printable. */
#define MAX_PLAIN_LINE 78
/* Of a field's line; GMime folds longer ones. */
#define FOLD_AT 76
#define TYPICAL_BYTES 4096

/* Whether a line of a flowed body has to be stuffed with a blank (RFC 3676 4.4). */
static gboolean
needs_stuffing(const char *line)
{
	return *line == ' ' || *line == '>' || g_str_has_prefix(line, "From ");
}

static void
put_line(GString *out, const char *line, gsize length, gboolean flowed)
{
	if (needs_stuffing(line))
		g_string_append_c(out, ' ');
	g_string_append_len(out, line, length);
	g_string_append(out, flowed ? " \n" : "\n");
}

/* Where a line that begins here may end: at the last blank within the width, else at the
 * first one behind it. "--" alone would read as a signature's mark. */
static gsize
wrap_length(const char *line, gsize length)
{
	gsize best = length, width = 0;
	for (gsize i = 0; i < length; width++) {
		gboolean blank = line[i] == ' ' && i > 0 && line[i - 1] != ' ';
		if (blank && !(i == 2 && memcmp(line, "--", 2) == 0)) {
			if (width >= WRAP_AT)
				return best < i ? best : i;
			best = i;
		}
		i += g_utf8_skip[(guchar)line[i]];
	}
	return width <= WRAP_AT ? length : best;
}

static void
put_paragraph(GString *out, const char *line, gsize length)
{
	gboolean signature = length == 3 && memcmp(line, "-- ", 3) == 0;
	while (!signature && length > 0 && line[length - 1] == ' ')
		length--;
	for (;;) {
		gsize here = wrap_length(line, length);
		put_line(out, line, here, here < length);
		if (here >= length)
			return;
		line += here + 1;
		length -= here + 1;
	}
}

static gboolean
is_wanted(gunichar c)
{
	return c == '\n' || c == '\t' ||
	       (!g_unichar_iscntrl(c) && g_unichar_type(c) != G_UNICODE_FORMAT);
}

/* Without control and format characters. Whole runs are copied: nearly all is one. */
static GString *
clean_text(const char *valid)
{
	GString *clean = g_string_sized_new(strlen(valid));
	const char *run = valid, *c = valid;
	while (*c != '\0') {
		gboolean ordinary = *c >= ' ' && *c < 0x7f;
		const char *next = ordinary ? c + 1 : g_utf8_next_char(c);
		if (!ordinary && !is_wanted(g_utf8_get_char(c))) {
			g_string_append_len(clean, run, c - run);
			run = next;
		}
		c = next;
	}
	g_string_append_len(clean, run, c - run);
	return clean;
}

/* The text as a flowed body with LF ends. */
static char *
flow(const char *text)
{
	g_autofree char *valid = text_to_utf8(text, -1);
	g_autoptr(GString) clean = clean_text(valid);
	GString *out = g_string_sized_new(clean->len + clean->len / 8);
	for (const char *line = clean->str; *line != '\0';) {
		gsize length = strcspn(line, "\n");
		put_paragraph(out, line, length);
		line += length + (line[length] == '\n' ? 1 : 0);
	}
	return g_string_free(out, FALSE);
}

static gboolean
is_plain(const char *body)
{
	gsize width = 0;
	for (; *body != '\0'; body++) {
		width = *body == '\n' ? 0 : width + 1;
		if ((guchar)*body >= 0x80 || width > MAX_PLAIN_LINE)
			return FALSE;
	}
	return TRUE;
}

/* One msg-id and nothing else: printable ASCII in <>, RFC 5322 3.6.4 read widely. */
static gboolean
is_message_id(const char *id)
{
	gsize length = id != NULL ? strlen(id) : 0;
	if (length < 3 || length > MAX_MESSAGE_ID || id[0] != '<' ||
	        id[length - 1] != '>')
		return FALSE;
	for (gsize i = 1; i < length - 1; i++)
		if (!g_ascii_isgraph(id[i]) || id[i] == '<' || id[i] == '>')
			return FALSE;
	return TRUE;
}

/* A word for a field of our own: letters, digits and a few marks. */
static char *
clean_token(const char *value)
{
	GString *out = g_string_new(NULL);
	for (; *value != '\0' && out->len < MAX_TOKEN; value++)
		if (g_ascii_isalnum(*value) || strchr("-_.@", *value) != NULL)
			g_string_append_c(out, *value);
	return g_string_free(out, FALSE);
}

/* What no encoding would change, and no folding: printable ASCII that fits its line and has
 * nothing of an encoded word. */
static gboolean
is_ordinary(const char *value, gsize room)
{
	gsize length = strlen(value);
	if (length == 0 || length > room || *value == ' ' || value[length - 1] == ' ')
		return FALSE;
	for (const char *c = value; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || (c[0] == '=' && c[1] == '?'))
			return FALSE;
	return TRUE;
}

/* Nearly every field is ordinary and costs a copy; GMime, which encodes and folds the others,
 * costs fifty times as much. */
static void
put_field(GString *out, const char *name, const char *value)
{
	if (is_ordinary(value, FOLD_AT - strlen(name) - 2)) {
		g_string_append(out, name);
		g_string_append(out, ": ");
		g_string_append(out, value);
		g_string_append_c(out, '\n');
		return;
	}
	g_autoptr(GMimeHeaderList) one =
	        g_mime_header_list_new(g_mime_parser_options_get_default());
	g_mime_header_list_append(one, name, value, "utf-8");
	g_autofree char *text = g_mime_header_list_to_string(one, NULL);
	g_string_append(out, text);
}

static void
put_references(GString *out, const char *const *references)
{
	guint count = references != NULL ? g_strv_length((char **)references) : 0;
	g_autoptr(GString) value = g_string_new(NULL);
	for (guint i = count > MAX_REFERENCES ? count - MAX_REFERENCES : 0; i < count;
	        i++) {
		if (!is_message_id(references[i]))
			continue;
		if (value->len > 0)
			g_string_append_c(value, ' ');
		g_string_append(value, references[i]);
	}
	if (value->len > 0)
		put_field(out, "References", value->str);
}

static void
put_date(GString *out, const Outgoing *outgoing)
{
	g_autoptr(GTimeZone) zone =
	        g_time_zone_new_offset(outgoing->utc_offset_minutes * 60);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(outgoing->date);
	g_autoptr(GDateTime) local =
	        utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	if (local == NULL)
		return;
	g_autofree char *date = g_mime_utils_header_format_date(local);
	put_field(out, "Date", date);
}

/* A name or address of letters and digits (and a few marks) that every grammar takes as it
 * is. */
static gboolean
is_simple(const char *text, const char *marks)
{
	for (const char *c = text; *c != '\0'; c++)
		if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) &&
		        strchr(marks, *c) == NULL)
			return FALSE;
	return TRUE;
}

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MAX_SIMPLE 60 /* characters of a name and address that need no folding */

static gboolean
is_simple_mailbox(const char *name, const char *address)
{
	gsize length = strlen(name);
	return length + strlen(address) <= MAX_SIMPLE && is_simple(address, ".-_+@") &&
	       strstr(address, "--") == NULL && is_simple(name, " " CAPITALS) &&
	       (length == 0 || (*name != ' ' && name[length - 1] != ' ' &&
	                               strstr(name, "  ") == NULL));
}

/* Not g_mime_message_add_mailbox: it encodes names in a charset of its choice. */
static void
put_mailbox(GString *out, const char *field, const char *name, const char *address)
{
	if (is_simple_mailbox(name, address)) {
		g_string_append_printf(out,
		        *name != '\0' ? "%s: %s <%s>\n" : "%s: %s%s\n", field, name,
		        address);
		return;
	}
	g_autoptr(InternetAddress) mailbox =
	        internet_address_mailbox_new(*name != '\0' ? name : NULL, address);
	internet_address_set_charset(mailbox, "utf-8");
	g_autoptr(InternetAddressList) list = internet_address_list_new();
	internet_address_list_add(list, mailbox);
	/* GMime folds by what stands in the string before; it writes the line's end too. */
	g_autoptr(GString) line = g_string_new(field);
	g_string_append(line, ": ");
	internet_address_list_encode(list, NULL, line);
	g_string_append(out, line->str);
}

static void
put_fields(GString *out, const Outgoing *outgoing)
{
	gboolean note = outgoing->html != NULL;
	g_autofree char *name = text_one_line(
	        outgoing->from_name != NULL ? outgoing->from_name : "", MAX_NAME);
	g_autofree char *line = text_one_line(
	        outgoing->subject != NULL ? outgoing->subject : "", MAX_SUBJECT);
	g_autofree char *subject = encoded_words_defuse(line);
	g_autofree char *instance = clean_token(outgoing->instance);
	put_mailbox(out, "From", name, outgoing->from_address);
	put_mailbox(out, "To", "", outgoing->to);
	put_field(out, "Subject", subject);
	put_date(out, outgoing);
	put_field(out, "Message-ID", outgoing->message_id);
	if (is_message_id(outgoing->in_reply_to))
		put_field(out, "In-Reply-To", outgoing->in_reply_to);
	put_references(out, outgoing->references);
	put_field(out, "Auto-Submitted", note ? "auto-generated" : "auto-replied");
	put_field(out, "X-Auto-Response-Suppress", "All");
	put_field(out, note ? "X-Triaged-Note" : "X-Triaged-Loop", instance);
	if (outgoing->language != NULL) {
		g_autofree char *language = clean_token(outgoing->language);
		put_field(out, "Content-Language", language);
	}
	put_field(out, "MIME-Version", "1.0");
}

/* A body in quoted-printable, its lines still ending with LF. */
static void
put_quoted_printable(GString *out, const char *body)
{
	GMimeEncoding state;
	gsize length = strlen(body), before = out->len;
	g_mime_encoding_init_encode(&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_string_set_size(out, before + g_mime_encoding_outlen(&state, length));
	gsize written = g_mime_encoding_flush(&state, body, length, out->str + before);
	g_string_set_size(out, before + written);
}

static void
put_part(GString *out, const char *type, const char *body)
{
	gboolean plain = is_plain(body);
	put_field(out, "Content-Type", type);
	put_field(
	        out, "Content-Transfer-Encoding", plain ? "7bit" : "quoted-printable");
	g_string_append_c(out, '\n');
	if (plain)
		g_string_append(out, body);
	else
		put_quoted_printable(out, body);
}

static void
put_text_part(GString *out, const char *text)
{
	g_autofree char *body = flow(text);
	put_part(out, "text/plain; charset=utf-8; format=flowed", body);
}

static void
put_boundary(GString *out, const char *boundary, const char *end)
{
	g_string_append_printf(out, "\n--%s%s\n", boundary, end);
}

/* The same as text and as HTML. No line of either can begin as the boundary does, which
 * has a "=" that is quoted there, or a length that nobody can guess. */
static void
put_alternatives(GString *out, const Outgoing *outgoing)
{
	g_autofree char *random = g_uuid_string_random();
	g_autofree char *boundary = g_strconcat("=-", random, NULL);
	g_autofree char *type =
	        g_strdup_printf("multipart/alternative; boundary=\"%s\"", boundary);
	put_field(out, "Content-Type", type);
	put_boundary(out, boundary, "");
	put_text_part(out, outgoing->text);
	put_boundary(out, boundary, "");
	put_part(out, "text/html; charset=utf-8", outgoing->html);
	put_boundary(out, boundary, "--");
}

/* With CRLF ends. */
static GBytes *
finish(GString *text)
{
	GByteArray *out = g_byte_array_sized_new((guint)(text->len + text->len / 16));
	for (const char *line = text->str; *line != '\0';) {
		gsize length = strcspn(line, "\n");
		g_byte_array_append(out, (const guint8 *)line, (guint)length);
		g_byte_array_append(out, (const guint8 *)"\r\n", 2);
		line += length + (line[length] != '\0' ? 1 : 0);
	}
	return g_byte_array_free_to_bytes(out);
}

static gboolean
check(const Outgoing *outgoing, GError **error)
{
	const char *wrong = !address_is_valid(outgoing->from_address)
	                            ? "sender's address"
	                    : !address_is_valid(outgoing->to) ? "recipient's address"
	                    : !is_message_id(outgoing->message_id) ? "Message-ID"
	                                                           : NULL;
	if (wrong != NULL)
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "compose: the %s is not valid", wrong);
	return wrong == NULL;
}

static GBytes *
compose(const Outgoing *outgoing, GError **error)
{
	if (!check(outgoing, error))
		return NULL;
	gmime_use();
	g_autoptr(GString) text = g_string_sized_new(TYPICAL_BYTES);
	put_fields(text, outgoing);
	if (outgoing->html != NULL)
		put_alternatives(text, outgoing);
	else
		put_text_part(text, outgoing->text);
	return finish(text);
}

GBytes *
compose_reply(const Outgoing *outgoing, GError **error)
{
	return compose(outgoing, error);
}

GBytes *
compose_note(const Outgoing *outgoing, GError **error)
{
	return compose(outgoing, error);
}
