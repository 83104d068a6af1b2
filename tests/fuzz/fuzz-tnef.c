/* winmail.dat: read, and what comes of it read as a mail. */
#include "mail/container.h"
#include "mail/mail.h"
#include "tests/fuzz/target.h"

#define MAX_SIZE (256 * 1024)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	g_autoptr(GBytes) mail = container_open_tnef(bytes, MAX_SIZE, NULL);
	if (mail == NULL)
		return 0;
	target_must(g_bytes_get_size(mail) <= MAX_SIZE);
	g_autoptr(Mail) read = mail_parse(mail, &MAIL_LIMITS_DEFAULT, NULL);
	target_must(read != NULL);
	return 0;
}
