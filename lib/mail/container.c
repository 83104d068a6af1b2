#include "mail/container.h"

#include <string.h>

#include "base/errors.h"

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
	return begins_with(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
}

gboolean
container_is_archive(GBytes *bytes)
{
	return begins_with(bytes, "PK\x03\x04", 4) ||
	       begins_with(bytes, "7z\xbc\xaf\x27\x1c", 6) ||
	       begins_with(bytes, "Rar!\x1a\x07", 6) ||
	       begins_with(bytes, "\x1f\x8b\x08", 3);
}

GBytes *
container_open_tnef(GBytes *bytes, gsize max_size, GError **error)
{
	(void)bytes, (void)max_size;
	g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT, "not yet");
	return NULL;
}

GBytes *
container_open_msg(GBytes *bytes, gsize max_size, GError **error)
{
	(void)bytes, (void)max_size;
	g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT, "not yet");
	return NULL;
}
