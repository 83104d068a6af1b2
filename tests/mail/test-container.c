#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsf/gsf.h>
#include <string.h>

#include "mail/cfb.h"
#include "mail/container.h"
#include "mail/mail.h"
#include "mail/rtf.h"

#define MAX_SIZE (1024 * 1024)

/* --- writing the wrappings --- */

static void
put_u16(GByteArray *out, guint value)
{
	guint8 bytes[] = { value & 0xFF, value >> 8 & 0xFF };
	g_byte_array_append(out, bytes, sizeof bytes);
}

static void
put_u32(GByteArray *out, guint32 value)
{
	put_u16(out, value & 0xFFFF);
	put_u16(out, value >> 16);
}

static void
put_attribute(GByteArray *out, guint8 level, guint32 tag, const void *data, guint size)
{
	guint sum = 0;
	g_byte_array_append(out, &level, 1);
	put_u32(out, tag);
	put_u32(out, size);
	g_byte_array_append(out, data, size);
	for (guint i = 0; i < size; i++)
		sum += ((const guint8 *)data)[i];
	put_u16(out, sum & 0xFFFF);
}

static void
put_property(GByteArray *out, guint32 tag, const void *data, guint size)
{
	static const guint8 zeros[4];
	put_u32(out, tag);
	put_u32(out, 1);
	put_u32(out, size);
	g_byte_array_append(out, data, size);
	g_byte_array_append(out, zeros, (4 - size % 4) % 4);
}

static GByteArray *
begin_tnef(void)
{
	GByteArray *out = g_byte_array_new();
	put_u32(out, 0x223E9F78);
	put_u16(out, 1);
	return out;
}

static const char report[] =
        "From: MAILER-DAEMON@example.it\r\nSubject: Undelivered\r\n"
        "Content-Type: multipart/report; boundary=r\r\n\r\n--r\r\n\r\nNo\r\n--r\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.it\r\n\r\n"
        "Final-Recipient: rfc822; b@example.org\r\n--r--\r\n";

static GBytes *
write_tnef(void)
{
	GByteArray *out = begin_tnef();
	g_autoptr(GByteArray) properties = g_byte_array_new();
	g_autoptr(GByteArray) attachment = g_byte_array_new();
	guint8 codepage[8] = { 0xE4, 0x04 };
	guint8 rendering[14] = { 1 };
	put_attribute(out, 1, 0x00069007, codepage, 8);
	put_attribute(out, 1, 0x00018004, "Perch\xe9 no", 10);
	put_u32(properties, 2);
	put_property(properties, 0x1000001E, "Errore 552: perch\xe9?\r\n", 22);
	put_property(properties, 0x0C1F001E, "mario@example.org", 18);
	put_attribute(out, 1, 0x00069003, properties->data, properties->len);
	put_attribute(out, 2, 0x00069002, rendering, 14);
	put_attribute(out, 2, 0x00018010, "MANCAT~1.EML", 13);
	put_attribute(out, 2, 0x0006800F, report, sizeof report - 1);
	put_u32(attachment, 1);
	put_property(attachment, 0x3707001E, "mancato recapito.eml", 21);
	put_attribute(out, 2, 0x00069005, attachment->data, attachment->len);
	return g_byte_array_free_to_bytes(out);
}

static void
put_stream(GsfOutfile *storage, const char *name, const void *data, gsize size)
{
	GsfOutput *stream = gsf_outfile_new_child(storage, name, FALSE);
	gsf_output_write(stream, size, data);
	gsf_output_close(stream);
	g_object_unref(stream);
}

static void
put_unicode(GsfOutfile *storage, const char *id, const char *text)
{
	g_autofree char *name = g_strdup_printf("__substg1.0_%s001F", id);
	glong length;
	g_autofree gunichar2 *utf16 = g_utf8_to_utf16(text, -1, NULL, &length, NULL);
	put_stream(storage, name, utf16, length * 2);
}

static void
put_string8(GsfOutfile *storage, const char *id, const char *text)
{
	g_autofree char *name = g_strdup_printf("__substg1.0_%s001E", id);
	put_stream(storage, name, text, strlen(text));
}

static void
put_report_attachment(GsfOutfile *root)
{
	GsfOutfile *attachment = GSF_OUTFILE(
	        gsf_outfile_new_child(root, "__attach_version1.0_#00000000", TRUE));
	put_unicode(attachment, "3707", "mancato recapito.eml");
	put_stream(attachment, "__substg1.0_37010102", report, sizeof report - 1);
	gsf_output_close(GSF_OUTPUT(attachment));
	g_object_unref(attachment);
}

static void
put_embedded(GsfOutfile *root)
{
	GsfOutfile *attachment = GSF_OUTFILE(
	        gsf_outfile_new_child(root, "__attach_version1.0_#00000001", TRUE));
	GsfOutfile *item = GSF_OUTFILE(
	        gsf_outfile_new_child(attachment, "__substg1.0_3701000D", TRUE));
	put_unicode(item, "0037", "Dentro");
	put_unicode(item, "1000", "Testo dentro");
	gsf_output_close(GSF_OUTPUT(item));
	gsf_output_close(GSF_OUTPUT(attachment));
	g_object_unref(item);
	g_object_unref(attachment);
}

typedef void (*FillStorage)(GsfOutfile *root);

static void
fill_unicode(GsfOutfile *root)
{
	guint8 properties[48] = { 0 };
	static const guint8 time[16] = { 0x40, 0, 0x39, 0, 6, 0, 0, 0, 0x00, 0x40, 0x2C,
		0x42, 0x5A, 0x6D, 0xDD, 0x01 };
	memcpy(properties + 32, time, 16);
	put_stream(root, "__properties_version1.0", properties, sizeof properties);
	put_unicode(root, "0037", "Non va: perché?");
	put_unicode(root, "1000", "Buongiorno,\r\nricevo 552 5.2.0 spam detected\r\n");
	put_unicode(root, "0C1A", "Mario \"R\" Rossi");
	put_unicode(root, "5D01", "mario@example.org");
	put_unicode(root, "0E04", "assistenza@example.it");
	put_report_attachment(root);
	put_embedded(root);
}

static void
fill_ansi(GsfOutfile *root)
{
	put_string8(root, "0037", "Perch\xe9");
	put_string8(root, "1000", "Cos\xec \x93no\x94");
}

static void
fill_headers(GsfOutfile *root)
{
	put_unicode(root, "007D",
	        "Received: from a by b; Fri, 6 Nov 2026 15:00:00 +0100\r\nFrom: "
	        "x@example.it\r\n"
	        "Subject: Vera\r\nContent-Type: multipart/mixed;\r\n boundary=zzz\r\n"
	        "MIME-Version: 1.0\r\n\r\n");
	put_stream(root, "__substg1.0_10130102", "<p>Ciao</p>", 11);
}

/* libgsf itself would take a second for these, and end the process for many more. */
static void
fill_crowded(GsfOutfile *root)
{
	for (int i = 0; i < CFB_ENTRIES_MAX; i++) {
		g_autofree char *name = g_strdup_printf("__substg1.0_%04X0102", i);
		put_stream(root, name, "", 0);
	}
}

static GBytes *
write_msg(FillStorage fill)
{
	GsfOutput *memory = gsf_output_memory_new();
	GsfOutfile *root = gsf_outfile_msole_new(memory);
	fill(root);
	if (fill != fill_unicode)
		put_stream(root, "__properties_version1.0", "\0\0\0\0", 4);
	gsf_output_close(GSF_OUTPUT(root));
	GBytes *bytes =
	        g_bytes_new(gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)),
	                gsf_output_size(memory));
	g_object_unref(root);
	g_object_unref(memory);
	return bytes;
}

/* A customer's mail with the wrapping attached under a type and name. */
static Mail *
attach(GBytes *bytes, const char *type, const char *name)
{
	gsize length;
	const guchar *data = g_bytes_get_data(bytes, &length);
	g_autofree char *base64 = g_base64_encode(data, length);
	g_autofree char *text = g_strdup_printf(
	        "Subject: a\nContent-Type: multipart/mixed; boundary=o\n\n"
	        "--o\n\nCiao\n--o\nContent-Type: %s; name=\"%s\"\n"
	        "Content-Transfer-Encoding: base64\n\n%s\n--o--\n",
	        type, name, base64);
	g_autoptr(GBytes) mail = g_bytes_new(text, strlen(text));
	return mail_parse(mail, &MAIL_LIMITS_DEFAULT, NULL);
}

/* --- reading them --- */

static const Mail *
message_of(const Mail *mail)
{
	assert_int_equal(mail->root->children->len, 2);
	const Part *part = g_ptr_array_index(mail->root->children, 1);
	assert_int_equal(part->kind, PART_MESSAGE);
	return part->message;
}

static const Part *
child(const Mail *mail, guint index)
{
	assert_non_null(mail->root->children);
	assert_true(index < mail->root->children->len);
	return g_ptr_array_index(mail->root->children, index);
}

static void
assert_report(const Part *part)
{
	assert_string_equal(part->filename, "mancato recapito.eml");
	assert_int_equal(part->kind, PART_MESSAGE);
	assert_string_equal(part->message->subject, "Undelivered");
	assert_int_equal(child(part->message, 1)->kind, PART_DELIVERY_STATUS);
}

static void
test_tnef(void **state)
{
	g_autoptr(GBytes) bytes = write_tnef();
	g_autoptr(Mail) mail = attach(bytes, *state, "winmail.dat");
	const Mail *message = message_of(mail);
	assert_string_equal(message->subject, "Perché no");
	assert_string_equal(message->from->address, "mario@example.org");
	assert_string_equal(child(message, 0)->text, "Errore 552: perché?\n");
	assert_report(child(message, 1));
}

static void
test_msg(void **state)
{
	g_autoptr(GBytes) bytes = write_msg(fill_unicode);
	g_autoptr(Mail) mail = attach(bytes, *state, "posta.msg");
	const Mail *message = message_of(mail);
	assert_string_equal(message->subject, "Non va: perché?");
	assert_string_equal(message->from->address, "mario@example.org");
	assert_string_equal(message->from->name, "Mario R Rossi");
	assert_string_equal(header_get(message->header, "To"), "assistenza@example.it");
	assert_non_null(message->date);
	assert_string_equal(child(message, 0)->text,
	        "Buongiorno,\nricevo 552 5.2.0 spam detected\n");
	assert_report(child(message, 1));
	const Part *inner = child(message, 2);
	assert_int_equal(inner->kind, PART_MESSAGE);
	assert_string_equal(inner->message->subject, "Dentro");
	assert_string_equal(child(inner->message, 0)->text, "Testo dentro");
}

static void
test_msg_ansi(void **state)
{
	(void)state;
	g_autoptr(GBytes) bytes = write_msg(fill_ansi);
	g_autoptr(Mail) mail = attach(bytes, "application/vnd.ms-outlook", "a.msg");
	const Mail *message = message_of(mail);
	assert_string_equal(message->subject, "Perché");
	assert_string_equal(child(message, 0)->text, "Così “no”");
}

static void
test_msg_headers(void **state)
{
	(void)state;
	g_autoptr(GBytes) bytes = write_msg(fill_headers);
	g_autoptr(Mail) mail = attach(bytes, "application/octet-stream", "a.msg");
	const Mail *message = message_of(mail);
	assert_string_equal(message->subject, "Vera");
	assert_true(header_has(message->header, "Received"));
	assert_int_equal(child(message, 0)->kind, PART_HTML);
	assert_string_equal(child(message, 0)->text, "Ciao\n");
}

/* Any byte of a wrapping changed or everything behind it lost: read or refused. */
static void
test_damage(void **state)
{
	(void)state;
	g_autoptr(GBytes) tnef = write_tnef();
	g_autoptr(GBytes) msg = write_msg(fill_unicode);
	GBytes *const wrappings[] = { tnef, msg };
	for (gsize w = 0; w < G_N_ELEMENTS(wrappings); w++) {
		gsize length;
		const guchar *data = g_bytes_get_data(wrappings[w], &length);
		gsize step = MAX(length / 400, 1);
		for (gsize i = 0; i < length; i += step) {
			guchar *copy = g_memdup2(data, length);
			copy[i] ^= 0xFF;
			g_autoptr(GBytes) damaged = g_bytes_new_take(copy, length);
			g_autoptr(GBytes) cut = g_bytes_new(data, i);
			GBytes *const samples[] = { damaged, cut };
			for (gsize s = 0; s < G_N_ELEMENTS(samples); s++) {
				GBytes *mail = w == 0 ? container_open_tnef(samples[s],
				                                MAX_SIZE, NULL)
				                      : container_open_msg(samples[s],
				                                MAX_SIZE, NULL);
				g_clear_pointer(&mail, g_bytes_unref);
			}
		}
	}
}

static const struct archive {
	const char *name, *magic;
	gsize length;
	PartKind kind;
} archives[] = {
	{ "a.zip", "PK\x03\x04\x14\0", 6, PART_UNREADABLE },
	{ "a.7z", "7z\xbc\xaf\x27\x1c\0", 7, PART_UNREADABLE },
	{ "a.rar", "Rar!\x1a\x07\0", 7, PART_UNREADABLE },
	{ "winmail.dat", "\x78\x9f\x3e\x22\x01", 5, PART_UNREADABLE },
	{ "a.docx", "PK\x03\x04\x14\0", 6, PART_OTHER },
	{ "a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, PART_OTHER },
	{ "a.png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x90\0\0\0\xc8", 24,
	        PART_IMAGE },
	{ "a.gif", "GIF89a\x90\x01\xc8\0", 10, PART_IMAGE },
	{ "a.jpg", "\xff\xd8\xff\xe0\0\x04xx\xff\xc0\0\x11\x08\0\xc8\x01\x90\x03", 18,
	        PART_IMAGE },
};

static void
test_content(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(archives); i++) {
		g_autoptr(GBytes) bytes =
		        g_bytes_new(archives[i].magic, archives[i].length);
		g_autoptr(Mail) mail =
		        attach(bytes, "application/octet-stream", archives[i].name);
		const Part *part = g_ptr_array_index(mail->root->children, 1);
		assert_int_equal(part->kind, archives[i].kind);
		assert_int_equal(part->width, part->kind == PART_IMAGE ? 400 : 0);
		assert_int_equal(part->height, part->kind == PART_IMAGE ? 200 : 0);
	}
}

static const struct rtf {
	const char *rtf, *text;
	gboolean is_html;
} rtfs[] = {
	{ "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\pard Perch\\'e9\\par "
	  "no\\tab s\\u236?\\par}",
	        "Perché\nno\tsì\n", FALSE },
	{ "{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 "
	  "Ciao\\htmlrtf }\\htmlrtf0 "
	  "{\\*\\htmltag72 </p>}}",
	        "<p>Ciao</p>", TRUE },
	{ "{\\rtf1{\\*\\unknown x}a\\{b\\}\\\\c}", "a{b}\\c", FALSE },
	{ "{{{{}}}}}}}}x", "x", FALSE },
};

static void
test_rtf(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rtfs); i++) {
		g_autoptr(RtfText) text = rtf_read(rtfs[i].rtf, strlen(rtfs[i].rtf));
		assert_string_equal(text->text, rtfs[i].text);
		assert_int_equal(text->is_html, rtfs[i].is_html);
	}
}

/* The example of [MS-OXRTFCP] 3.1.1. */
static void
test_compressed_rtf(void **state)
{
	static const guchar compressed[] = { 0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a,
		0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63,
		0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65,
		0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a,
		0x80, 0x0f, 0xa0 };
	(void)state;
	g_autoptr(GBytes) bytes = g_bytes_new_static(compressed, sizeof compressed);
	g_autoptr(RtfText) text = rtf_read_compressed(bytes, MAX_SIZE);
	assert_non_null(text);
	assert_string_equal(text->text, "hello world");
	assert_null(rtf_read_compressed(bytes, 10));
	for (gsize i = 0; i < sizeof compressed; i++) {
		g_autoptr(GBytes) cut = g_bytes_new_static(compressed, i);
		RtfText *read = rtf_read_compressed(cut, MAX_SIZE);
		rtf_text_free(read);
	}
}

static void
test_crowded_msg(void **state)
{
	(void)state;
	g_autoptr(GBytes) crowded = write_msg(fill_crowded);
	g_autoptr(GBytes) usual = write_msg(fill_unicode);
	g_autoptr(GError) error = NULL;
	assert_true(cfb_is_fit(usual));
	assert_false(cfb_is_fit(crowded));
	assert_null(container_open_msg(crowded, MAX_SIZE, &error));
	assert_non_null(error);
}

/* A directory whose sectors follow each other in a circle. */
static void
test_circular_msg(void **state)
{
	(void)state;
	g_autoptr(GBytes) usual = write_msg(fill_unicode);
	gsize length;
	const guint8 *data = g_bytes_get_data(usual, &length);
	g_autofree guint8 *copy = g_memdup2(data, length);
	guint32 directory = copy[48] | copy[49] << 8;
	guint32 table = copy[76] | copy[77] << 8;
	memcpy(copy + (table + 1) * 512 + directory * 4, copy + 48, 4);
	g_autoptr(GBytes) circular = g_bytes_new_static(copy, length);
	assert_false(cfb_is_fit(circular));
	for (gsize cut = 0; cut < length; cut += 7) {
		g_autoptr(GBytes) torn = g_bytes_new(data, cut);
		cfb_is_fit(torn);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		{ .name = "tnef",
		        .test_func = test_tnef,
		        .initial_state = (void *)"application/ms-tnef" },
		{ .name = "tnef as vnd",
		        .test_func = test_tnef,
		        .initial_state = (void *)"application/vnd.ms-tnef" },
		{ .name = "tnef as bytes",
		        .test_func = test_tnef,
		        .initial_state = (void *)"application/octet-stream" },
		{ .name = "tnef as text",
		        .test_func = test_tnef,
		        .initial_state = (void *)"text/plain" },
		{ .name = "msg",
		        .test_func = test_msg,
		        .initial_state = (void *)"application/vnd.ms-outlook" },
		{ .name = "msg as bytes",
		        .test_func = test_msg,
		        .initial_state = (void *)"application/octet-stream" },
		cmocka_unit_test(test_msg_ansi),
		cmocka_unit_test(test_msg_headers),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_crowded_msg),
		cmocka_unit_test(test_circular_msg),
		cmocka_unit_test(test_rtf),
		cmocka_unit_test(test_compressed_rtf),
	};
	gsf_init();
	int failed = cmocka_run_group_tests_name("container", tests, NULL, NULL);
	gsf_shutdown();
	return failed;
}
