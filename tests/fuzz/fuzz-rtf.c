/* RTF, compressed as Outlook does it and plain. */
#include "mail/rtf.h"
#include "tests/fuzz/target.h"

#define MAX_SIZE (256 * 1024)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	g_autoptr(RtfText) unpacked = rtf_read_compressed(bytes, MAX_SIZE);
	target_must(unpacked == NULL || g_utf8_validate(unpacked->text, -1, NULL));
	g_autoptr(RtfText) plain = rtf_read((const char *)data, size);
	target_must(plain != NULL && g_utf8_validate(plain->text, -1, NULL));
	return 0;
}
