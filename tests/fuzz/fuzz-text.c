/* Text as the rules see it: folded, on one line, with its addresses and reply codes. */
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "rules/reply_code.h"
#include "tests/fuzz/target.h"

#define LINE_CHARS 100

static void
check_folded(const char *text, size_t size, gboolean fold_volatile)
{
	g_autoptr(FoldedText) folded = text_fold(text, size, fold_volatile);
	target_must(g_utf8_validate(folded->text, folded->length, NULL));
	target_must(folded->offsets[folded->length] == size);
	for (gsize i = 1; i <= folded->length; i++)
		target_must(folded->offsets[i - 1] <= folded->offsets[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	target_begin();
	check_folded((const char *)data, size, FALSE);
	check_folded((const char *)data, size, TRUE);
	g_autofree char *text = target_text(data, size);
	g_autofree char *line = text_one_line(text, LINE_CHARS);
	target_must(g_utf8_validate(line, -1, NULL));
	target_must(g_utf8_strlen(line, -1) <= LINE_CHARS + 1); /* an ellipsis */
	target_must(strpbrk(line, "\r\n\x1b") == NULL);
	g_autoptr(GPtrArray) addresses = address_find_all(text);
	for (guint i = 0; i < addresses->len; i++)
		target_must(address_is_valid(g_ptr_array_index(addresses, i)));
	utterance_codes(text, code, status);
	target_must(strlen(code) < sizeof code && strlen(status) < sizeof status);
	return 0;
}
