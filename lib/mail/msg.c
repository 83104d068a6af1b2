#include "mail/msg.h"

#include <gsf/gsf.h>
#include <string.h>

#include "mail/cfb.h"

#define MAX_CHILDREN 5000
#define MAX_DEPTH 8

#define STREAM_PREFIX "__substg1.0_"
#define PROPERTIES_NAME "__properties_version1.0"
#define ATTACHMENT_PREFIX "__attach_version1.0_"
#define RECIPIENT_PREFIX "__recip_version1.0_"

/* Bytes before the first entry of a property stream ([MS-OXMSG] 2.4.1). */
typedef enum { HEADER_TOP = 32, HEADER_EMBEDDED = 24, HEADER_OTHER = 8 } HeaderSize;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GsfInfile, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GsfInput, g_object_unref)

static OutlookItem *read_storage(
        GsfInfile *storage, HeaderSize header, gsize *left, guint depth);

static GBytes *
read_stream(GsfInput *stream, gsize *left)
{
	gsf_off_t size = gsf_input_size(stream);
	if (size < 0 || (guint64)size > *left)
		return NULL;
	*left -= size;
	g_autofree guint8 *data = g_malloc(size + 1);
	if (size > 0 && gsf_input_read(stream, size, data) == NULL)
		return NULL;
	return g_bytes_new_take(g_steal_pointer(&data), size);
}

/* The values that fit into eight bytes stand in one stream, 16 bytes each. */
static void
read_fixed(OutlookItem *item, GsfInput *stream, HeaderSize header, gsize *left)
{
	g_autoptr(GBytes) bytes = read_stream(stream, left);
	if (bytes == NULL)
		return;
	gsize size;
	const guchar *data = g_bytes_get_data(bytes, &size);
	for (gsize at = header; at + 16 <= size; at += 16) {
		guint16 type = data[at] | data[at + 1] << 8,
		        id = data[at + 2] | data[at + 3] << 8;
		if (type == VALUE_LONG || type == VALUE_TIME)
			outlook_item_add(item, id, type, g_bytes_new(data + at + 8, 8));
	}
}

/* "__substg1.0_0037001F": the id and the type of a value with a stream of its own. */
static gboolean
parse_name(const char *name, guint16 *id, guint16 *type)
{
	const char *digits = name + strlen(STREAM_PREFIX);
	char *end;
	if (strlen(digits) != 8)
		return FALSE;
	guint64 tag = g_ascii_strtoull(digits, &end, 16);
	*id = tag >> 16;
	*type = tag & 0xFFFF;
	return *end == '\0';
}

static void
read_value(
        OutlookItem *item, GsfInput *child, const char *name, gsize *left, guint depth)
{
	guint16 id, type;
	if (!parse_name(name, &id, &type))
		return;
	if (type == VALUE_OBJECT && GSF_IS_INFILE(child)) {
		if (id == PROPERTY_ATTACH_DATA && item->embedded == NULL)
			item->embedded = read_storage(
			        GSF_INFILE(child), HEADER_EMBEDDED, left, depth + 1);
		return;
	}
	GBytes *value =
	        GSF_IS_INFILE(child) && gsf_infile_num_children(GSF_INFILE(child)) >= 0
	                ? NULL
	                : read_stream(child, left);
	if (value != NULL)
		outlook_item_add(item, id, type, value);
}

static void
read_child(OutlookItem *item, GsfInfile *storage, int index, HeaderSize header,
        gsize *left, guint depth)
{
	const char *name = gsf_infile_name_by_index(storage, index);
	g_autoptr(GsfInput) child = gsf_infile_child_by_index(storage, index);
	if (name == NULL || child == NULL)
		return;
	GPtrArray *items = g_str_has_prefix(name, ATTACHMENT_PREFIX) ? item->attachments
	                   : g_str_has_prefix(name, RECIPIENT_PREFIX) ? item->recipients
	                                                              : NULL;
	if (items != NULL && GSF_IS_INFILE(child)) {
		OutlookItem *entry =
		        read_storage(GSF_INFILE(child), HEADER_OTHER, left, depth + 1);
		if (entry != NULL)
			g_ptr_array_add(items, entry);
	} else if (strcmp(name, PROPERTIES_NAME) == 0) {
		read_fixed(item, child, header, left);
	} else if (g_str_has_prefix(name, STREAM_PREFIX)) {
		read_value(item, child, name, left, depth);
	}
}

static void
share_codepage(OutlookItem *item, guint codepage)
{
	guint own = outlook_item_long(item, PROPERTY_CODEPAGE);
	if (own == 0)
		own = outlook_item_long(item, PROPERTY_INTERNET_CODEPAGE);
	item->codepage = own != 0 ? own : codepage;
	for (guint i = 0; i < item->attachments->len; i++)
		share_codepage(g_ptr_array_index(item->attachments, i), item->codepage);
	for (guint i = 0; i < item->recipients->len; i++)
		share_codepage(g_ptr_array_index(item->recipients, i), item->codepage);
	if (item->embedded != NULL)
		share_codepage(item->embedded, item->codepage);
}

static OutlookItem *
read_storage(GsfInfile *storage, HeaderSize header, gsize *left, guint depth)
{
	if (depth > MAX_DEPTH)
		return NULL;
	OutlookItem *item = outlook_item_new();
	int count = MIN(gsf_infile_num_children(storage), MAX_CHILDREN);
	for (int i = 0; i < count; i++)
		read_child(item, storage, i, header, left, depth);
	return item;
}

static void
drop_log(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void)domain, (void)level, (void)message, (void)data;
}

static OutlookItem *
read_file(GBytes *bytes, gsize max_size)
{
	gsize length, left = max_size;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	g_autoptr(GsfInput) input = gsf_input_memory_new(data, length, FALSE);
	g_autoptr(GsfInfile) file =
	        input != NULL ? gsf_infile_msole_new(input, NULL) : NULL;
	return file != NULL ? read_storage(file, HEADER_TOP, &left, 0) : NULL;
}

OutlookItem *
msg_read(GBytes *bytes, gsize max_size)
{
	if (!cfb_is_fit(bytes))
		return NULL;
	/* libgsf reports a damaged file as if it were a bug (g_critical): it is only a
	 * customer's damaged file, so nothing is logged, and nothing is fatal in tests. */
	GLogLevelFlags fatal = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
	GLogFunc log = g_log_set_default_handler(drop_log, NULL);
	g_autoptr(OutlookItem) item = read_file(bytes, max_size);
	g_log_set_default_handler(log, NULL);
	g_log_set_always_fatal(fatal);
	if (item == NULL || (item->properties->len == 0 && item->attachments->len == 0))
		return NULL;
	share_codepage(item, 0);
	return g_steal_pointer(&item);
}
