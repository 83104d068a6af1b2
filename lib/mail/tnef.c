#include "mail/tnef.h"

#include <string.h>

/* The stream is walked here and not by libytnef's TNEFParse: that prints to stdout on bad
 * input, reads past short attributes, and gives up on a string of more than 100,000 bytes. */

#define SIGNATURE 0x223E9F78
#define MAX_ATTACHMENTS 500
#define MAX_DEPTH 8
#define MAX_ROWS 1000

enum {
	ATTRIBUTE_SUBJECT = 0x8004,
	ATTRIBUTE_DATE_SENT = 0x8005,
	ATTRIBUTE_MESSAGE_ID = 0x8009,
	ATTRIBUTE_BODY = 0x800C,
	ATTRIBUTE_ATTACH_DATA = 0x800F,
	ATTRIBUTE_ATTACH_TITLE = 0x8010,
	ATTRIBUTE_ATTACH_BEGINS = 0x9002,
	ATTRIBUTE_PROPERTIES = 0x9003,
	ATTRIBUTE_RECIPIENTS = 0x9004,
	ATTRIBUTE_ATTACH_PROPERTIES = 0x9005,
	ATTRIBUTE_CODEPAGE = 0x9007,
};

/* Attributes of old that say what a property says. */
static const struct {
	guint16 attribute, property, type;
	gboolean of_attachment;
} equivalents[] = {
	{ ATTRIBUTE_SUBJECT, PROPERTY_SUBJECT, VALUE_STRING8, FALSE },
	{ ATTRIBUTE_BODY, PROPERTY_BODY, VALUE_STRING8, FALSE },
	{ ATTRIBUTE_ATTACH_TITLE, PROPERTY_ATTACH_NAME, VALUE_STRING8, TRUE },
	{ ATTRIBUTE_ATTACH_DATA, PROPERTY_ATTACH_DATA, VALUE_BINARY, TRUE },
};

/* A place in the bytes; once past the end every read fails. */
typedef struct {
	GBytes *bytes;
	gsize at, end;
} Cursor;

static OutlookItem *read_stream(GBytes *bytes, guint depth);

static gboolean
take(Cursor *cursor, gsize size, gsize *start)
{
	if (cursor->end - cursor->at < size)
		return FALSE;
	*start = cursor->at;
	cursor->at += size;
	return TRUE;
}

static const guchar *
data_at(const Cursor *cursor, gsize at)
{
	return (const guchar *)g_bytes_get_data(cursor->bytes, NULL) + at;
}

static gboolean
take_u32(Cursor *cursor, guint32 *value)
{
	gsize start;
	if (!take(cursor, 4, &start))
		return FALSE;
	memcpy(value, data_at(cursor, start), 4);
	*value = GUINT32_FROM_LE(*value);
	return TRUE;
}

/* Data is padded to a multiple of four; at the very end the padding may be missing. */
static gboolean
take_padded(Cursor *cursor, gsize size, gsize *start)
{
	if (!take(cursor, size, start))
		return FALSE;
	cursor->at = MIN(cursor->at + (4 - size % 4) % 4, cursor->end);
	return TRUE;
}

static gsize
fixed_size(guint16 type)
{
	switch (type) {
	case 0x0002:
	case 0x0003:
	case 0x0004:
	case 0x000A:
	case 0x000B: return 4;
	case 0x0005:
	case 0x0006:
	case 0x0007:
	case 0x0014:
	case 0x0040: return 8;
	case 0x0048: return 16;
	default: return 0;
	}
}

/* The GUID and name of a property that has no fixed id. */
static gboolean
skip_name(Cursor *cursor)
{
	gsize start;
	guint32 kind, value;
	if (!take(cursor, 16, &start) || !take_u32(cursor, &kind) ||
	        !take_u32(cursor, &value))
		return FALSE;
	return kind == 0 || take_padded(cursor, value, &start);
}

/* One property, several values of which the first is kept. FALSE: unreadable from here. */
static gboolean
read_property(Cursor *cursor, OutlookItem *item)
{
	guint32 tag, count = 1, size;
	if (!take_u32(cursor, &tag) || (tag >> 16 >= 0x8000 && !skip_name(cursor)))
		return FALSE;
	guint16 type = tag & 0x0FFF, id = tag >> 16;
	gsize fixed = fixed_size(type), start;
	gboolean text = type == VALUE_STRING8 || type == VALUE_UNICODE ||
	                type == VALUE_BINARY || type == VALUE_OBJECT;
	if (fixed == 0 && !text)
		return FALSE;
	if ((text || (tag & 0x1000) != 0) && !take_u32(cursor, &count))
		return FALSE;
	for (guint32 i = 0; i < count; i++) {
		size = fixed;
		if (text && !take_u32(cursor, &size))
			return FALSE;
		if (!take_padded(cursor, size, &start))
			return FALSE;
		if (i == 0)
			outlook_item_add(item, id, type,
			        g_bytes_new_from_bytes(cursor->bytes, start, size));
	}
	return TRUE;
}

static void
read_properties(Cursor *cursor, OutlookItem *item)
{
	guint32 count;
	if (!take_u32(cursor, &count))
		return;
	for (guint32 i = 0; i < count && read_property(cursor, item); i++)
		continue;
	guint32 codepage = outlook_item_long(item, PROPERTY_CODEPAGE);
	if (codepage == 0)
		codepage = outlook_item_long(item, PROPERTY_INTERNET_CODEPAGE);
	if (item->codepage == 0)
		item->codepage = codepage;
}

static void
read_recipients(Cursor *cursor, OutlookItem *item)
{
	guint32 rows;
	if (!take_u32(cursor, &rows))
		return;
	for (guint32 i = 0; i < MIN(rows, MAX_ROWS) && cursor->at < cursor->end; i++) {
		OutlookItem *recipient = outlook_item_new();
		recipient->codepage = item->codepage;
		read_properties(cursor, recipient);
		g_ptr_array_add(item->recipients, recipient);
	}
}

/* An attached item is a stream of its own behind its interface's GUID. */
static void
open_embedded(OutlookItem *attachment, guint depth)
{
	GBytes *data = outlook_item_bytes(attachment, PROPERTY_ATTACH_DATA);
	gsize size = data != NULL ? g_bytes_get_size(data) : 0;
	static const guchar signature[] = { 0x78, 0x9F, 0x3E, 0x22 };
	if (size < 22 || depth >= MAX_DEPTH || attachment->embedded != NULL ||
	        memcmp((const guchar *)g_bytes_get_data(data, NULL) + 16, signature,
	                4) != 0)
		return;
	g_autoptr(GBytes) stream = g_bytes_new_from_bytes(data, 16, size - 16);
	attachment->embedded = read_stream(stream, depth + 1);
}

static void
add_equivalent(
        OutlookItem *item, OutlookItem *attachment, guint16 attribute, GBytes *value)
{
	for (gsize i = 0; i < G_N_ELEMENTS(equivalents); i++) {
		OutlookItem *target = equivalents[i].of_attachment ? attachment : item;
		if (equivalents[i].attribute == attribute && target != NULL)
			outlook_item_add(target, equivalents[i].property,
			        equivalents[i].type, g_bytes_ref(value));
	}
}

static void
begin_attachment(OutlookItem *item)
{
	OutlookItem *attachment = outlook_item_new();
	attachment->codepage = item->codepage;
	g_ptr_array_add(item->attachments, attachment);
}

static void
read_attribute(OutlookItem *item, guint16 id, Cursor value, guint depth)
{
	guint count = item->attachments->len;
	OutlookItem *attachment =
	        count > 0 ? g_ptr_array_index(item->attachments, count - 1) : NULL;
	g_autoptr(GBytes) bytes =
	        g_bytes_new_from_bytes(value.bytes, value.at, value.end - value.at);
	guint32 codepage;
	if (id == ATTRIBUTE_CODEPAGE && take_u32(&value, &codepage)) {
		item->codepage = codepage;
	} else if (id == ATTRIBUTE_ATTACH_BEGINS && count < MAX_ATTACHMENTS) {
		begin_attachment(item);
	} else if (id == ATTRIBUTE_PROPERTIES) {
		read_properties(&value, item);
	} else if (id == ATTRIBUTE_RECIPIENTS) {
		read_recipients(&value, item);
	} else if (id == ATTRIBUTE_ATTACH_PROPERTIES && attachment != NULL) {
		read_properties(&value, attachment);
		open_embedded(attachment, depth);
	} else {
		add_equivalent(item, attachment, id, bytes);
	}
}

static OutlookItem *
read_stream(GBytes *bytes, guint depth)
{
	Cursor cursor = { bytes, 0, g_bytes_get_size(bytes) };
	guint32 signature, tag, size;
	gsize start;
	if (!take_u32(&cursor, &signature) || signature != SIGNATURE ||
	        !take(&cursor, 2, &start))
		return NULL;
	g_autoptr(OutlookItem) item = outlook_item_new();
	/* Per attribute: whose it is, its tag, its size, its bytes and their checksum. */
	while (take(&cursor, 1, &start) && take_u32(&cursor, &tag) &&
	        take_u32(&cursor, &size)) {
		gsize stop = MIN(cursor.end - cursor.at, size);
		read_attribute(item, tag & 0xFFFF,
		        (Cursor){ bytes, cursor.at, cursor.at + stop }, depth);
		cursor.at += stop;
		if (!take(&cursor, 2, &start))
			break;
	}
	return item->properties->len > 0 || item->attachments->len > 0
	               ? g_steal_pointer(&item)
	               : NULL;
}

OutlookItem *
tnef_read(GBytes *bytes)
{
	return read_stream(bytes, 0);
}
