/* What an analyst that a mail has taken over may hand to the watcher. */
#include "tests/fuzz/target.h"
#include "tests/reply_fields.h"
#include "triage/case_json.h"
#include "triage/case_pack.h"
#include "triage/explain.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	g_autoptr(Case) kase = case_unpack(data, size, NULL);
	if (kase == NULL)
		return 0;
	g_autoptr(GBytes) packed = case_pack(kase);
	gsize length;
	const void *bytes = g_bytes_get_data(packed, &length);
	g_autoptr(Case) again = case_unpack(bytes, length, NULL);
	target_must(again != NULL);
	g_autofree char *told = explain(again, NULL, "x.eml");
	target_must(g_utf8_validate(told, -1, NULL));
	json_decref(case_to_json(again, NULL, NULL));
	again->header_gate = GATE_NONE;
	g_autofree char *wrong =
	        reply_fields_check(again, target_catalogue(), target_settings(), NULL);
	if (wrong != NULL)
		target_fail(__FILE__, __LINE__, wrong);
	return 0;
}
