#include "tests/reply_fields.h"

#include <string.h>

#include "desk/reply.h"
#include "mail/gmime_use.h"
#include "triage/decide.h"

#define LINE_MAX_BYTES 998 /* RFC 5322 2.1.1 */

/* Every field a reply has, but In-Reply-To and References, which it may have. */
static const char wanted_fields[] =
        " From To Subject Date Message-ID Auto-Submitted X-Auto-Response-Suppress "
        "X-Triaged-Loop MIME-Version Content-Language Content-Type "
        "Content-Transfer-Encoding";

static void
add_names(GString *names, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++)
		g_string_append_printf(names, " %s",
		        g_mime_header_get_name(
		                g_mime_header_list_get_header_at(list, i)));
}

/* GMime keeps the Content fields with the part. */
static char *
check_names(GMimeMessage *mail)
{
	g_autoptr(GString) names = g_string_new(NULL);
	add_names(names, GMIME_OBJECT(mail));
	add_names(names, g_mime_message_get_mime_part(mail));
	g_string_replace(names, " In-Reply-To ", " ", 1);
	g_string_replace(names, " References ", " ", 1);
	if (g_str_equal(names->str, wanted_fields))
		return NULL;
	return g_strconcat("the reply's fields are", names->str, NULL);
}

static const char *
check_recipient(GMimeMessage *mail, const char *to)
{
	g_autoptr(InternetAddressList) list = g_mime_message_get_all_recipients(mail);
	if (list == NULL || internet_address_list_length(list) != 1)
		return "the reply does not go to one recipient";
	InternetAddress *one = internet_address_list_get_address(list, 0);
	if (!INTERNET_ADDRESS_IS_MAILBOX(one))
		return "the reply goes to a group";
	/* GMime reads encoded domains decoded. */
	InternetAddressMailbox *mailbox = INTERNET_ADDRESS_MAILBOX(one);
	const char *address = internet_address_mailbox_get_addr(mailbox);
	const char *encoded = internet_address_mailbox_get_idn_addr(mailbox);
	gboolean same = g_strcmp0(address, to) == 0 || g_strcmp0(encoded, to) == 0;
	return same ? NULL : "the reply goes to somebody else";
}

/* Bytes as SMTP wants them: CRLF alone ends lines, nothing is NUL or too long; 8-bit only
 * where the recipient's address is (RFC 6531). */
static const char *
check_bytes(const char *bytes, gsize length, gboolean ascii)
{
	gsize width = 0;
	for (gsize i = 0; i < length; i++) {
		gboolean end =
		        bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\n';
		if (bytes[i] == '\0' || (ascii && (guchar)bytes[i] >= 0x80))
			return "the reply is not plain ASCII";
		if ((bytes[i] == '\r' && !end) ||
		        (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')))
			return "the reply has a bare CR or LF";
		width = bytes[i] == '\n' || end ? 0 : width + 1;
		if (width > LINE_MAX_BYTES)
			return "the reply has an overlong line";
	}
	return NULL;
}

static const char *
check_text(const char *text)
{
	if (text == NULL || !g_utf8_validate(text, -1, NULL))
		return "the reply's text is not valid UTF-8";
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		if (c != '\n' && c != '\r' && c != '\t' &&
		        (g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_FORMAT))
			return "the reply's text has control or format characters";
	}
	return NULL;
}

static GMimeMessage *
read_mail(GBytes *bytes)
{
	gmime_use();
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(data, length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *mail = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	return mail;
}

static char *
check_reply(GBytes *bytes, const Plan *plan, char **text)
{
	g_autoptr(GMimeMessage) mail = read_mail(bytes);
	if (mail == NULL || !GMIME_IS_TEXT_PART(g_mime_message_get_mime_part(mail)))
		return g_strdup("the reply is no mail of one text");
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autofree char *body = g_mime_text_part_get_text(
	        GMIME_TEXT_PART(g_mime_message_get_mime_part(mail)));
	const char *wrong = check_recipient(mail, plan->to);
	if (wrong == NULL)
		wrong = check_bytes(data, length, g_str_is_ascii(plan->to));
	if (wrong == NULL)
		wrong = check_text(body);
	if (text != NULL && body != NULL) {
		g_auto(GStrv) lines = g_strsplit(body, "\r\n", -1);
		*text = g_strjoinv("\n", lines);
	}
	return wrong != NULL ? g_strdup(wrong) : check_names(mail);
}

char *
reply_fields_check(const Case *kase, const Catalogue *catalogue,
        const Settings *settings, char **text)
{
	static const History none = { 0 };
	static const ReplyStamp stamp = { .message_id = "<r1.abc@example.it>",
		.ticket = "TR-AAAAAA",
		.now = 1794301200,
		.utc_offset_minutes = 60 };
	if (text != NULL)
		*text = NULL;
	g_autoptr(Plan) plan = decide(kase, catalogue, settings, &none);
	if (plan->to == NULL || plan->template == NULL)
		return NULL;
	g_autoptr(GBytes) bytes =
	        reply_compose(kase, plan, catalogue, settings, &stamp, NULL);
	return bytes != NULL ? check_reply(bytes, plan, text) : NULL;
}
