/* An Outlook item written as a mail (RFC 5322, 2045). */
#include <string.h>

#include "base/text.h"
#include "mail/outlook_item.h"
#include "mail/rtf.h"

/* A report's recipients, an item's attachments. */
#define MAX_ENTRIES 500
#define MAX_VALUE 900
#define MAX_ITEM_DEPTH 12
/* RTF is compressed at most so many times. */
#define MAX_RTF (4 * 1024 * 1024)

typedef struct {
	GString *out;
	gsize max;
	guint boundaries; /* given out so far */
} Writer;

static void write_item(Writer *writer, const OutlookItem *item, guint depth);

static gboolean
fits(const Writer *writer, gsize more)
{
	return writer->out->len + more < writer->max;
}

static void
put_field(Writer *writer, const char *name, const char *value)
{
	g_autofree char *line = text_one_line(value, MAX_VALUE);
	g_string_append_printf(writer->out, "%s: %s\n", name, line);
}

static void
put_text_field(Writer *writer, const char *name, const OutlookItem *item, guint16 id)
{
	g_autofree char *value = outlook_item_text(item, id);
	if (value != NULL)
		put_field(writer, name, value);
}

/* Base64, so that no content can hold a boundary. */
static void
put_base64(Writer *writer, const void *bytes, gsize length)
{
	gsize size = (length / 3 + 1) * 4 + length / 54 + 8;
	int state = 0, save = 0;
	g_autofree char *text = g_malloc(size);
	gsize done = g_base64_encode_step(bytes, length, TRUE, text, &state, &save);
	done += g_base64_encode_close(TRUE, text + done, &state, &save);
	g_string_append(writer->out, "Content-Transfer-Encoding: base64\n\n");
	g_string_append_len(writer->out, text, done);
}

static char *
new_boundary(Writer *writer)
{
	return g_strdup_printf("=_item_%u", writer->boundaries++);
}

/* "Name <address>"; Exchange's own addresses ("/O=...") tell nobody anything. */
static char *
mailbox_text(
        const OutlookItem *item, guint16 name_id, guint16 smtp_id, guint16 address_id)
{
	g_autofree char *name = outlook_item_text(item, name_id);
	g_autofree char *address = outlook_item_text(item, smtp_id);
	if (address == NULL)
		address = outlook_item_text(item, address_id);
	if (address != NULL &&
	        (strchr(address, '@') == NULL || strpbrk(address, "<>\r\n ") != NULL))
		g_clear_pointer(&address, g_free);
	if (name == NULL || address == NULL)
		return g_strdup(address != NULL ? address : name);
	g_strdelimit(name, "\"\\\r\n<>", ' ');
	return g_strdup_printf("\"%s\" <%s>", g_strstrip(name), address);
}

static void
put_recipients(Writer *writer, const OutlookItem *item, const char *name, guint32 type)
{
	g_autoptr(GString) value = g_string_new(NULL);
	for (guint i = 0; i < MIN(item->recipients->len, MAX_ENTRIES); i++) {
		const OutlookItem *recipient = g_ptr_array_index(item->recipients, i);
		guint32 is = outlook_item_long(recipient, PROPERTY_RECIPIENT_TYPE);
		g_autofree char *text = mailbox_text(recipient, PROPERTY_DISPLAY_NAME,
		        PROPERTY_SMTP_ADDRESS, PROPERTY_ADDRESS);
		if (is == type && text != NULL)
			g_string_append_printf(
			        value, "%s%s", value->len > 0 ? ", " : "", text);
	}
	if (value->len > 0)
		put_field(writer, name, value->str);
	else
		put_text_field(writer, name, item,
		        type == 1 ? PROPERTY_DISPLAY_TO : PROPERTY_DISPLAY_CC);
}

static void
put_date(Writer *writer, const OutlookItem *item)
{
	gint64 time = outlook_item_time(item, PROPERTY_SUBMIT_TIME);
	if (time == 0)
		time = outlook_item_time(item, PROPERTY_DELIVERY_TIME);
	g_autoptr(GDateTime) date =
	        time != 0 ? g_date_time_new_from_unix_utc(time) : NULL;
	if (date == NULL)
		return;
	/* Not g_date_time_format's %a and %b: they speak the locale. */
	static const char days[] = "MonTueWedThuFriSatSun";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	g_string_append_printf(writer->out,
	        "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\n",
	        days + 3 * (g_date_time_get_day_of_week(date) - 1),
	        g_date_time_get_day_of_month(date),
	        months + 3 * (g_date_time_get_month(date) - 1),
	        g_date_time_get_year(date), g_date_time_get_hour(date),
	        g_date_time_get_minute(date), g_date_time_get_second(date));
}

/* Whether a line begins with a field's name (RFC 5322 2.2) other than one of the body's. */
static gboolean
is_header_field(const char *line)
{
	gsize length = 0;
	while (g_ascii_isgraph(line[length]) && line[length] != ':')
		length++;
	return length > 0 && line[length] == ':' &&
	       g_ascii_strncasecmp(line, "Content-", 8) != 0 &&
	       g_ascii_strncasecmp(line, "MIME-Version", 12) != 0;
}

/* The header that the mail came with, less what described its body. FALSE when it has none. */
static gboolean
put_transport_headers(Writer *writer, const OutlookItem *item)
{
	g_autofree char *text = outlook_item_text(item, PROPERTY_TRANSPORT_HEADERS);
	gboolean any = FALSE, left_out = TRUE;
	for (const char *line = text; line != NULL && *line != '\0';) {
		gsize length = strcspn(line, "\r\n");
		gboolean folded = *line == ' ' || *line == '\t';
		if (!folded)
			left_out = !is_header_field(line);
		if (!left_out && fits(writer, length)) {
			g_string_append_len(writer->out, line, length);
			g_string_append_c(writer->out, '\n');
			any = TRUE;
		}
		line += length;
		line += *line == '\r';
		line += *line == '\n';
	}
	return any;
}

static void
put_header(Writer *writer, const OutlookItem *item)
{
	if (put_transport_headers(writer, item))
		return;
	g_autofree char *sender = mailbox_text(item, PROPERTY_REPRESENTING_NAME,
	        PROPERTY_REPRESENTING_SMTP, PROPERTY_REPRESENTING_ADDRESS);
	if (sender == NULL || strchr(sender, '@') == NULL) {
		g_free(sender);
		sender = mailbox_text(item, PROPERTY_SENDER_NAME, PROPERTY_SENDER_SMTP,
		        PROPERTY_SENDER_ADDRESS);
	}
	if (sender != NULL)
		put_field(writer, "From", sender);
	put_recipients(writer, item, "To", 1);
	put_recipients(writer, item, "Cc", 2);
	g_autofree char *subject = outlook_item_text(item, PROPERTY_SUBJECT);
	if (subject == NULL)
		subject = outlook_item_text(item, PROPERTY_TOPIC);
	put_field(writer, "Subject", subject != NULL ? subject : "");
	put_date(writer, item);
	put_text_field(writer, "Message-ID", item, PROPERTY_MESSAGE_ID);
	put_text_field(writer, "In-Reply-To", item, PROPERTY_IN_REPLY_TO);
}

static void
put_text_part(Writer *writer, const char *type, const char *text)
{
	gsize length = strlen(text);
	if (!fits(writer, length + length / 2))
		length = MIN(
		        length, (writer->max - MIN(writer->max, writer->out->len)) / 2);
	g_string_append_printf(writer->out, "Content-Type: %s; charset=utf-8\n", type);
	put_base64(writer, text, length);
}

/* PR_HTML is bytes in the item's Internet code page, or a string. */
static char *
html_of(const OutlookItem *item)
{
	GBytes *bytes = outlook_item_bytes(item, PROPERTY_HTML);
	if (bytes == NULL || g_bytes_get_size(bytes) == 0)
		return NULL;
	return outlook_item_text(item, PROPERTY_HTML);
}

static void
put_bodies(Writer *writer, const OutlookItem *item)
{
	g_autofree char *text = outlook_item_text(item, PROPERTY_BODY);
	g_autofree char *html = html_of(item);
	GBytes *rtf = outlook_item_bytes(item, PROPERTY_RTF);
	if (text == NULL && html == NULL && rtf != NULL) {
		g_autoptr(RtfText) read = rtf_read_compressed(rtf, MAX_RTF);
		if (read != NULL)
			*(read->is_html ? &html : &text) = g_steal_pointer(&read->text);
	}
	if (text == NULL && html == NULL)
		text = outlook_item_text(item, PROPERTY_REPORT_TEXT);
	if (text == NULL || html == NULL) {
		put_text_part(writer, html != NULL ? "text/html" : "text/plain",
		        html != NULL   ? html
		        : text != NULL ? text
		                       : "");
		return;
	}
	g_autofree char *boundary = new_boundary(writer);
	g_string_append_printf(writer->out,
	        "Content-Type: multipart/alternative; boundary=\"%s\"\n\n--%s\n",
	        boundary, boundary);
	put_text_part(writer, "text/plain", text);
	g_string_append_printf(writer->out, "\n--%s\n", boundary);
	put_text_part(writer, "text/html", html);
	g_string_append_printf(writer->out, "\n--%s--\n", boundary);
}

static void
put_quoted(Writer *writer, const char *name, const char *value)
{
	g_autofree char *line = text_one_line(value, 200);
	g_strdelimit(line, "\"\\", '_');
	g_string_append_printf(writer->out, "%s=\"%s\"", name, line);
}

static void
put_attachment(Writer *writer, const OutlookItem *attachment, guint depth)
{
	if (attachment->embedded != NULL) {
		g_string_append(writer->out, "Content-Type: message/rfc822\n\n");
		write_item(writer, attachment->embedded, depth + 1);
		return;
	}
	g_autofree char *name =
	        outlook_item_text(attachment, PROPERTY_ATTACH_LONG_NAME);
	if (name == NULL)
		name = outlook_item_text(attachment, PROPERTY_ATTACH_NAME);
	g_autofree char *type = outlook_item_text(attachment, PROPERTY_ATTACH_TYPE);
	gboolean sound = type != NULL && strchr(type, '/') != NULL;
	put_field(writer, "Content-Type", sound ? type : "application/octet-stream");
	g_string_append(writer->out, "Content-Disposition: attachment");
	if (name != NULL) {
		g_string_append(writer->out, "; ");
		put_quoted(writer, "filename", name);
	}
	g_string_append_c(writer->out, '\n');
	g_autofree char *id = outlook_item_text(attachment, PROPERTY_ATTACH_CONTENT_ID);
	if (id != NULL)
		put_field(writer, "Content-ID", id);
	GBytes *data = outlook_item_bytes(attachment, PROPERTY_ATTACH_DATA);
	gsize length = data != NULL ? g_bytes_get_size(data) : 0;
	if (length > 0 && fits(writer, length * 3 / 2))
		put_base64(writer, g_bytes_get_data(data, NULL), length);
	else
		g_string_append_c(writer->out, '\n');
}

/* Exchange keeps what the refusing server said with each recipient of a report item. */
static void
put_delivery_status(Writer *writer, const OutlookItem *item)
{
	g_autofree char *class = outlook_item_text(item, PROPERTY_MESSAGE_CLASS);
	gboolean failed = class != NULL &&
	                  g_ascii_strncasecmp(class, "REPORT", 6) == 0 &&
	                  strlen(class) >= 3 &&
	                  g_ascii_strcasecmp(class + strlen(class) - 3, "NDR") == 0;
	g_autoptr(GString) groups = g_string_new(NULL);
	for (guint i = 0; failed && i < MIN(item->recipients->len, MAX_ENTRIES); i++) {
		const OutlookItem *recipient = g_ptr_array_index(item->recipients, i);
		g_autofree char *said =
		        outlook_item_text(recipient, PROPERTY_SUPPLEMENTARY_INFO);
		g_autofree char *address =
		        outlook_item_text(recipient, PROPERTY_SMTP_ADDRESS);
		if (address == NULL)
			address = outlook_item_text(recipient, PROPERTY_ADDRESS);
		if (said == NULL || address == NULL)
			continue;
		g_autofree char *to = text_one_line(address, MAX_VALUE);
		g_autofree char *line = text_one_line(said, MAX_VALUE);
		g_string_append_printf(groups,
		        "\nFinal-Recipient: rfc822;%s\nAction: "
		        "failed\nDiagnostic-Code: smtp;%s\n",
		        to, line);
	}
	if (groups->len == 0)
		return;
	g_string_append_printf(writer->out,
	        "Content-Type: message/delivery-status\n\nReporting-MTA: "
	        "dns;unknown\n%s",
	        groups->str);
}

static void
write_item(Writer *writer, const OutlookItem *item, guint depth)
{
	put_header(writer, item);
	g_autofree char *boundary = new_boundary(writer);
	g_string_append_printf(writer->out,
	        "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
	        "boundary=\"%s\"\n\n--%s\n",
	        boundary, boundary);
	put_bodies(writer, item);
	gsize before = writer->out->len;
	g_string_append_printf(writer->out, "\n--%s\n", boundary);
	gsize behind = writer->out->len;
	put_delivery_status(writer, item);
	if (writer->out->len == behind)
		g_string_truncate(writer->out, before);
	for (guint i = 0; i < MIN(item->attachments->len, MAX_ENTRIES); i++) {
		if (depth >= MAX_ITEM_DEPTH || !fits(writer, 0))
			break;
		g_string_append_printf(writer->out, "\n--%s\n", boundary);
		put_attachment(writer, g_ptr_array_index(item->attachments, i), depth);
	}
	g_string_append_printf(writer->out, "\n--%s--\n", boundary);
}

GBytes *
outlook_item_to_mail(const OutlookItem *item, gsize max_size)
{
	Writer writer = { .out = g_string_new(NULL), .max = max_size };
	write_item(&writer, item, 0);
	return g_string_free_to_bytes(writer.out);
}
