/* A header block, and each of its values as everything that a value may be read as. */
#include <string.h>

#include "base/address.h"
#include "mail/header.h"
#include "tests/fuzz/target.h"

static void
check_value(const char *value)
{
	target_must(g_utf8_validate(value, -1, NULL));
	target_must(strpbrk(value, "\r\n") == NULL);
	g_autoptr(GPtrArray) addresses = header_addresses(value);
	for (guint i = 0; i < addresses->len; i++) {
		const NameAddr *entry = g_ptr_array_index(addresses, i);
		if (entry->name != NULL)
			target_must(g_utf8_validate(entry->name, -1, NULL));
		if (entry->address != NULL && address_is_valid(entry->address))
			target_must(strpbrk(entry->address, "\r\n <>") == NULL);
	}
	g_autoptr(GDateTime) date = header_date(value);
	target_must(date == NULL || g_date_time_get_year(date) > 0);
	g_auto(GStrv) ids = header_message_ids(value);
	for (char **id = ids; *id != NULL; id++)
		target_must((*id)[0] == '<' && strpbrk(*id, "\r\n") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	for (int place = HEADER_OF_MAIL; place <= HEADER_PASTED; place++) {
		gsize body = 0;
		gboolean cut = FALSE;
		g_autoptr(Header) header = header_read(
		        (const char *)data, size, (HeaderPlace)place, &body, &cut);
		target_must(body <= size);
		for (guint i = 0; i < header->fields->len; i++) {
			const HeaderField *field = g_ptr_array_index(header->fields, i);
			check_value(field->value);
		}
	}
	return 0;
}
