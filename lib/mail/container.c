#include "config.h"

#include "mail/container.h"

#include <string.h>

#include "base/errors.h"
#include "mail/msg.h"
#include "mail/tnef.h"

/* In a compound file that is a .msg, as UTF-16: the name of its property stream. */
static const char msg_mark[] =
        "_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s\0_\0v\0e\0r\0s\0i\0o\0n";

static gboolean
begins_with(GBytes *bytes, const char *magic, gsize length)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	return size >= length && memcmp(data, magic, length) == 0;
}

gboolean
container_is_tnef(GBytes *bytes)
{
	return begins_with(bytes, "\x78\x9f\x3e\x22", 4);
}

gboolean
container_is_msg(GBytes *bytes)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	return begins_with(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) &&
	       memmem(data, size, msg_mark, sizeof msg_mark - 1) != NULL;
}

gboolean
container_is_archive(GBytes *bytes)
{
	return begins_with(bytes, "PK\x03\x04", 4) ||
	       begins_with(bytes, "PK\x05\x06", 4) ||
	       begins_with(bytes, "7z\xbc\xaf\x27\x1c", 6) ||
	       begins_with(bytes, "Rar!\x1a\x07", 6) ||
	       begins_with(bytes, "\x1f\x8b\x08", 3);
}

static GBytes *
write_mail(OutlookItem *item, const char *what, gsize max_size, GError **error)
{
	if (item == NULL) {
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT, "the %s cannot be read",
		        what);
		return NULL;
	}
	GBytes *mail = outlook_item_to_mail(item, max_size);
	outlook_item_free(item);
	return mail;
}

GBytes *
container_open_tnef(GBytes *bytes, gsize max_size, GError **error)
{
	return write_mail(tnef_read(bytes), "TNEF stream", max_size, error);
}

GBytes *
container_open_msg(GBytes *bytes, gsize max_size, GError **error)
{
	return write_mail(
	        msg_read(bytes, max_size), "Outlook message", max_size, error);
}
