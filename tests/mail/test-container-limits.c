/* How much of an Outlook wrapping is read: items in items, attachments, recipients, groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsf/gsf.h>
#include <string.h>

#include "mail/msg.h"
#include "mail/rtf.h"
#include "mail/tnef.h"

#define MAX_SIZE (1024 * 1024)
#define LEVELS_MAX 9 /* of items: the outermost and eight within each other */
#define ATTACHMENTS_MAX 500
#define RECIPIENTS_MAX 1000
#define MANY 100000

static guint
count_levels(const OutlookItem *item)
{
	guint levels = 1;
	while (item->attachments->len > 0 && levels < MANY) {
		const OutlookItem *attachment = g_ptr_array_index(item->attachments, 0);
		if (attachment->embedded == NULL)
			break;
		item = attachment->embedded;
		levels++;
	}
	return levels;
}

/* --- winmail.dat --- */

static void
put_u32(GByteArray *out, guint32 value)
{
	guint32 little = GUINT32_TO_LE(value);
	g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

static void
put_attribute(GByteArray *out, guint32 tag, const void *data, guint size)
{
	static const guint8 level = 2, checksum[2] = { 0 };
	g_byte_array_append(out, &level, 1);
	put_u32(out, tag);
	put_u32(out, size);
	g_byte_array_append(out, data, size);
	g_byte_array_append(out, checksum, sizeof checksum);
}

static GByteArray *
begin_tnef(void)
{
	static const guint8 key[2] = { 1 };
	GByteArray *out = g_byte_array_new();
	put_u32(out, 0x223E9F78);
	g_byte_array_append(out, key, sizeof key);
	put_attribute(out, 0x00018004, "item", 5);
	return out;
}

/* An attached item: its interface's GUID, then a stream like that around it. */
static GByteArray *
wrap_tnef(GByteArray *inner)
{
	static const guint8 rendering[14] = { 1 }, guid[16] = { 7 }, zeros[4] = { 0 };
	GByteArray *out = begin_tnef();
	g_autoptr(GByteArray) properties = g_byte_array_new();
	guint size = (guint)sizeof guid + inner->len;
	put_u32(properties, 1);
	put_u32(properties, 0x3701000D);
	put_u32(properties, 1);
	put_u32(properties, size);
	g_byte_array_append(properties, guid, sizeof guid);
	g_byte_array_append(properties, inner->data, inner->len);
	g_byte_array_append(properties, zeros, (4 - size % 4) % 4);
	put_attribute(out, 0x00069002, rendering, sizeof rendering);
	put_attribute(out, 0x00069005, properties->data, properties->len);
	g_byte_array_unref(inner);
	return out;
}

static OutlookItem *
read_tnef(GByteArray *stream)
{
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(stream);
	OutlookItem *item = tnef_read(bytes);
	assert_non_null(item);
	return item;
}

static void
test_nested_tnef(void **state)
{
	(void)state;
	for (guint levels = 1; levels < 3 * LEVELS_MAX; levels++) {
		GByteArray *stream = begin_tnef();
		for (guint i = 1; i < levels; i++)
			stream = wrap_tnef(stream);
		g_autoptr(OutlookItem) item = read_tnef(stream);
		assert_int_equal(count_levels(item), MIN(levels, LEVELS_MAX));
	}
}

static void
test_many_tnef_attachments(void **state)
{
	static const guint8 rendering[14] = { 1 };
	(void)state;
	GByteArray *stream = begin_tnef();
	for (guint i = 0; i < MANY; i++)
		put_attribute(stream, 0x00069002, rendering, sizeof rendering);
	g_autoptr(OutlookItem) item = read_tnef(stream);
	assert_int_equal(item->attachments->len, ATTACHMENTS_MAX);
}

/* The number of rows is a claim, and each may be empty. */
static void
test_many_tnef_recipients(void **state)
{
	(void)state;
	GByteArray *stream = begin_tnef();
	g_autoptr(GByteArray) rows = g_byte_array_new();
	put_u32(rows, G_MAXUINT32);
	for (guint i = 0; i < MANY; i++)
		put_u32(rows, 0);
	put_attribute(stream, 0x00069004, rows->data, rows->len);
	g_autoptr(OutlookItem) item = read_tnef(stream);
	assert_int_equal(item->recipients->len, RECIPIENTS_MAX);
}

/* --- .msg --- */

static void
close_storage(GsfOutfile *storage)
{
	gsf_output_close(GSF_OUTPUT(storage));
	g_object_unref(storage);
}

static void
fill_nested(GsfOutfile *storage, guint levels)
{
	GsfOutput *subject =
	        gsf_outfile_new_child(storage, "__substg1.0_0037001E", FALSE);
	gsf_output_write(subject, 4, (const guint8 *)"item");
	gsf_output_close(subject);
	g_object_unref(subject);
	if (levels == 1)
		return;
	GsfOutfile *attachment = GSF_OUTFILE(
	        gsf_outfile_new_child(storage, "__attach_version1.0_#00000000", TRUE));
	GsfOutfile *item = GSF_OUTFILE(
	        gsf_outfile_new_child(attachment, "__substg1.0_3701000D", TRUE));
	fill_nested(item, levels - 1);
	close_storage(item);
	close_storage(attachment);
}

static GBytes *
write_nested_msg(guint levels)
{
	GsfOutput *memory = gsf_output_memory_new();
	GsfOutfile *root = gsf_outfile_msole_new(memory);
	fill_nested(root, levels);
	gsf_output_close(GSF_OUTPUT(root));
	GBytes *bytes =
	        g_bytes_new(gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)),
	                gsf_output_size(memory));
	g_object_unref(root);
	g_object_unref(memory);
	return bytes;
}

/* An item stands in a storage of its attachment: two storages for each level. */
static void
test_nested_msg(void **state)
{
	(void)state;
	for (guint levels = 1; levels < 3 * LEVELS_MAX; levels++) {
		g_autoptr(GBytes) bytes = write_nested_msg(levels);
		g_autoptr(OutlookItem) item = msg_read(bytes, MAX_SIZE);
		assert_non_null(item);
		assert_int_equal(count_levels(item), MIN(levels, LEVELS_MAX / 2 + 1));
	}
}

/* --- RTF --- */

static void
test_deep_rtf(void **state)
{
	(void)state;
	g_autoptr(GString) rtf = g_string_new("{\\rtf1 begin");
	for (guint i = 0; i < MANY; i++)
		g_string_append(rtf, "{\\b ");
	for (guint i = 0; i < MANY; i++)
		g_string_append_c(rtf, '}');
	g_string_append(rtf, "end}");
	g_autoptr(RtfText) text = rtf_read(rtf->str, rtf->len);
	assert_string_equal(text->text, "beginend");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nested_tnef),
		cmocka_unit_test(test_many_tnef_attachments),
		cmocka_unit_test(test_many_tnef_recipients),
		cmocka_unit_test(test_nested_msg),
		cmocka_unit_test(test_deep_rtf),
	};
	return cmocka_run_group_tests_name("container limits", tests, NULL, NULL);
}
