#include "mail/outlook_item.h"

#include <string.h>

#include "mail/charset.h"

#define MAX_PROPERTIES 4000

typedef struct {
	guint16 id, type;
	GBytes *value;
} Property;

static void
property_clear(gpointer data)
{
	Property *property = data;
	g_bytes_unref(property->value);
}

OutlookItem *
outlook_item_new(void)
{
	OutlookItem *item = g_new0(OutlookItem, 1);
	item->properties = g_array_new(FALSE, FALSE, sizeof(Property));
	g_array_set_clear_func(item->properties, property_clear);
	item->attachments =
	        g_ptr_array_new_with_free_func((GDestroyNotify)outlook_item_free);
	item->recipients =
	        g_ptr_array_new_with_free_func((GDestroyNotify)outlook_item_free);
	return item;
}

void
outlook_item_free(OutlookItem *item)
{
	if (item == NULL)
		return;
	g_array_unref(item->properties);
	g_ptr_array_unref(item->attachments);
	g_ptr_array_unref(item->recipients);
	outlook_item_free(item->embedded);
	g_free(item);
}

static const Property *
find(const OutlookItem *item, guint16 id)
{
	for (guint i = 0; i < item->properties->len; i++) {
		const Property *property =
		        &g_array_index(item->properties, Property, i);
		if (property->id == id)
			return property;
	}
	return NULL;
}

void
outlook_item_add(OutlookItem *item, guint16 id, guint16 type, GBytes *value)
{
	Property property = { id, type, value };
	if (item->properties->len >= MAX_PROPERTIES) {
		g_bytes_unref(value);
		return;
	}
	g_array_append_val(item->properties, property);
}

GBytes *
outlook_item_bytes(const OutlookItem *item, guint16 id)
{
	const Property *property = find(item, id);
	return property != NULL ? property->value : NULL;
}

char *
outlook_charset(guint codepage)
{
	static const struct {
		guint codepage;
		const char *label;
	} labels[] = {
		{ 65001, "utf-8" },
		{ 20127, "us-ascii" },
		{ 1200, "utf-16le" },
		{ 28591, "iso-8859-1" },
		{ 28592, "iso-8859-2" },
		{ 28605, "iso-8859-15" },
		{ 20866, "koi8-r" },
		{ 50220, "iso-2022-jp" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (labels[i].codepage == codepage)
			return g_strdup(labels[i].label);
	if (codepage == 0 || codepage > G_MAXUINT16)
		return NULL;
	return g_strdup_printf(
	        codepage >= 1250 && codepage <= 1258 ? "windows-%u" : "cp%u", codepage);
}

char *
outlook_item_text(const OutlookItem *item, guint16 id)
{
	const Property *property = find(item, id);
	if (property == NULL)
		return NULL;
	gsize length;
	const char *bytes = g_bytes_get_data(property->value, &length);
	g_autofree char *text = NULL;
	g_autofree char *charset = outlook_charset(item->codepage);
	if (property->type == VALUE_UNICODE)
		text = charset_decode_utf16(bytes, length);
	else
		text = charset_decode(bytes, length, charset);
	return *text != '\0' ? g_steal_pointer(&text) : NULL;
}

gint64
outlook_item_time(const OutlookItem *item, guint16 id)
{
	const Property *property = find(item, id);
	if (property == NULL || property->type != VALUE_TIME ||
	        g_bytes_get_size(property->value) < 8)
		return 0;
	guint64 ticks;
	memcpy(&ticks, g_bytes_get_data(property->value, NULL), 8);
	/* 100 ns since 1601 (FILETIME). */
	return (gint64)(GUINT64_FROM_LE(ticks) / 10000000) -
	       G_GINT64_CONSTANT(11644473600);
}

guint32
outlook_item_long(const OutlookItem *item, guint16 id)
{
	const Property *property = find(item, id);
	guint32 value = 0;
	if (property != NULL && g_bytes_get_size(property->value) >= 4)
		memcpy(&value, g_bytes_get_data(property->value, NULL), 4);
	return GUINT32_FROM_LE(value);
}
