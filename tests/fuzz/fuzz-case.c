/* A mail's bytes to its case, the case to a plan, the plan to a reply, as the service does. */
#include <string.h>

#include "tests/fuzz/target.h"
#include "tests/reply_fields.h"
#include "triage/analyse.h"
#include "triage/case_json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	AnalyseContext context = { .catalogue = target_catalogue(),
		.settings = target_settings() };
	g_autoptr(Case) kase = analyse(bytes, &context, NULL);
	if (kase == NULL)
		return 0;

	json_t *packed = case_pack(kase);
	g_autoptr(Case) again = case_unpack(packed, NULL);
	target_must(again != NULL);
	json_t *repacked = case_pack(again);
	target_must(json_equal(packed, repacked));
	json_decref(packed);
	json_decref(repacked);
	again->header_gate = GATE_NONE; /* even what nobody would answer */
	g_autofree char *wrong =
	        reply_fields_check(again, target_catalogue(), target_settings(), NULL);
	if (wrong != NULL)
		target_fail(__FILE__, __LINE__, wrong);
	return 0;
}
