#include "net/smtp_wire.h"

#include <string.h>

#define PATH_MAX_BYTES 320 /* RFC 5321 4.5.3.1: 64 + 1 + 255 */

gboolean
smtp_wire_has_eight_bit(const char *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if ((guchar)bytes[i] >= 0x80)
			return TRUE;
	return FALSE;
}

GByteArray *
smtp_wire_message(GBytes *bytes)
{
	gsize size;
	const char *at = g_bytes_get_data(bytes, &size);
	const char *end = at + size;
	GByteArray *wire = g_byte_array_sized_new((guint)size + 64);
	while (at < end) {
		gsize length = 0;
		while (at + length < end && at[length] != '\r' && at[length] != '\n')
			length++;
		if (*at == '.')
			g_byte_array_append(wire, (const guint8 *)".", 1);
		g_byte_array_append(wire, (const guint8 *)at, (guint)length);
		g_byte_array_append(wire, (const guint8 *)"\r\n", 2);
		at += length;
		if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
			at++;
		at++;
	}
	return wire;
}

char *
smtp_wire_address(const char *address)
{
	const char *at = strrchr(address, '@');
	gsize length = strlen(address);
	if (length > PATH_MAX_BYTES || strpbrk(address, "<>\r\n\t ") != NULL ||
	        !g_utf8_validate(address, -1, NULL))
		return NULL;
	for (gsize i = 0; i < length; i++)
		if (g_ascii_iscntrl(address[i]))
			return NULL;
	if (at == NULL)
		return length == 0 ? g_strdup("") : NULL;
	if (smtp_wire_has_eight_bit(address, (gsize)(at - address)) ||
	        !smtp_wire_has_eight_bit(at, strlen(at)))
		return g_strdup(address);
	g_autofree char *domain = g_hostname_to_ascii(at + 1);
	return domain == NULL ? NULL
	                      : g_strdup_printf("%.*s@%s", (int)(at - address), address,
	                                domain);
}
