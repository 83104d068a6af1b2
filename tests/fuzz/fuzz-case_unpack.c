/* What an analyst that a mail has taken over may hand to the watcher. */
#include "tests/fuzz/target.h"
#include "tests/reply_fields.h"
#include "triage/case_json.h"
#include "triage/explain.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	g_autoptr(Case) kase = json != NULL ? case_unpack(json, NULL) : NULL;
	json_decref(json);
	if (kase == NULL)
		return 0;
	json_t *packed = case_pack(kase);
	g_autoptr(Case) again = case_unpack(packed, NULL);
	json_decref(packed);
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
