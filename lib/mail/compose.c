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

/* The text as a flowed body with LF ends; control and format characters go. */
static char *
flow(const char *text)
{
	g_autofree char *valid = text_to_utf8(text, -1);
	g_autoptr(GString) clean = g_string_sized_new(strlen(valid));
	for (const char *c = valid; *c != '\0'; c = g_utf8_next_char(c))
		if (is_wanted(g_utf8_get_char(c)))
			g_string_append_unichar(clean, g_utf8_get_char(c));
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

static void
set_field(GMimeMessage *message, const char *name, const char *value)
{
	g_mime_object_set_header(GMIME_OBJECT(message), name, value, "utf-8");
}

static void
set_references(GMimeMessage *message, const char *const *references)
{
	guint count = references != NULL ? g_strv_length((char **)references) : 0;
	g_autoptr(GString) value = g_string_new(NULL);
	for (guint i = count > MAX_REFERENCES ? count - MAX_REFERENCES : 0; i < count;
	        i++)
		if (is_message_id(references[i]))
			g_string_append_printf(value, "%s%s", value->len > 0 ? " " : "",
			        references[i]);
	if (value->len > 0)
		set_field(message, "References", value->str);
}

static void
set_date(GMimeMessage *message, const Outgoing *outgoing)
{
	g_autoptr(GTimeZone) zone =
	        g_time_zone_new_offset(outgoing->utc_offset_minutes * 60);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(outgoing->date);
	g_autoptr(GDateTime) local =
	        utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	if (local != NULL)
		g_mime_message_set_date(message, local);
}

/* Not g_mime_message_add_mailbox: it encodes names in a charset of its choice. */
static void
add_address(GMimeMessage *message, GMimeAddressType type, const char *name,
        const char *address)
{
	g_autoptr(InternetAddress) mailbox =
	        internet_address_mailbox_new(*name != '\0' ? name : NULL, address);
	internet_address_set_charset(mailbox, "utf-8");
	internet_address_list_add(g_mime_message_get_addresses(message, type), mailbox);
}

static void
set_fields(GMimeMessage *message, const Outgoing *outgoing)
{
	g_autofree char *name = text_one_line(
	        outgoing->from_name != NULL ? outgoing->from_name : "", MAX_NAME);
	g_autofree char *line = text_one_line(
	        outgoing->subject != NULL ? outgoing->subject : "", MAX_SUBJECT);
	g_autofree char *subject = encoded_words_defuse(line);
	g_autofree char *instance = clean_token(outgoing->instance);
	add_address(message, GMIME_ADDRESS_TYPE_FROM, name, outgoing->from_address);
	add_address(message, GMIME_ADDRESS_TYPE_TO, "", outgoing->to);
	g_mime_message_set_subject(message, subject, "utf-8");
	set_date(message, outgoing);
	set_field(message, "Message-ID", outgoing->message_id);
	if (is_message_id(outgoing->in_reply_to))
		set_field(message, "In-Reply-To", outgoing->in_reply_to);
	set_references(message, outgoing->references);
	set_field(message, "Auto-Submitted",
	        outgoing->html != NULL ? "auto-generated" : "auto-replied");
	set_field(message, "X-Auto-Response-Suppress", "All");
	set_field(message, outgoing->html != NULL ? "X-Triaged-Note" : "X-Triaged-Loop",
	        instance);
	if (outgoing->language != NULL) {
		g_autofree char *language = clean_token(outgoing->language);
		set_field(message, "Content-Language", language);
	}
}

static GMimePart *
new_part(const char *subtype, const char *body)
{
	GMimePart *part = g_mime_part_new_with_type("text", subtype);
	g_mime_object_set_content_type_parameter(
	        GMIME_OBJECT(part), "charset", "utf-8");
	g_autoptr(GMimeStream) stream =
	        g_mime_stream_mem_new_with_buffer(body, strlen(body));
	g_autoptr(GMimeDataWrapper) content = g_mime_data_wrapper_new_with_stream(
	        stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(
	        part, is_plain(body) ? GMIME_CONTENT_ENCODING_7BIT
	                             : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	return part;
}

static GMimePart *
new_text_part(const char *text)
{
	g_autofree char *body = flow(text);
	GMimePart *part = new_part("plain", body);
	g_mime_object_set_content_type_parameter(
	        GMIME_OBJECT(part), "format", "flowed");
	return part;
}

static GBytes *
serialise(GMimeMessage *message)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream);
	g_mime_format_options_free(options);
	const GByteArray *array =
	        g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	return g_bytes_new(array->data, array->len);
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

GBytes *
compose_reply(const Outgoing *outgoing, GError **error)
{
	if (!check(outgoing, error))
		return NULL;
	gmime_use();
	g_autoptr(GMimeMessage) message = g_mime_message_new(FALSE);
	set_fields(message, outgoing);
	g_autoptr(GMimePart) part = new_text_part(outgoing->text);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
	return serialise(message);
}

GBytes *
compose_note(const Outgoing *outgoing, GError **error)
{
	if (!check(outgoing, error))
		return NULL;
	gmime_use();
	g_autoptr(GMimeMessage) message = g_mime_message_new(FALSE);
	set_fields(message, outgoing);
	g_autoptr(GMimeMultipart) both =
	        g_mime_multipart_new_with_subtype("alternative");
	g_autoptr(GMimePart) text = new_text_part(outgoing->text);
	g_autoptr(GMimePart) html = new_part("html", outgoing->html);
	g_mime_multipart_add(both, GMIME_OBJECT(text));
	g_mime_multipart_add(both, GMIME_OBJECT(html));
	g_mime_message_set_mime_part(message, GMIME_OBJECT(both));
	return serialise(message);
}
