/* A mail's bytes to its case, the case to a plan, the plan to a reply, as the service does. */
#include <string.h>

#include "tests/fuzz/target.h"
#include "tests/reply_fields.h"
#include "triage/analyse.h"
#include "triage/case_pack.h"

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

	g_autoptr(GBytes) packed = case_pack(kase);
	gsize length;
	const void *data_packed = g_bytes_get_data(packed, &length);
	g_autoptr(Case) again = case_unpack(data_packed, length, NULL);
	target_must(again != NULL);
	g_autoptr(GBytes) repacked = case_pack(again);
	target_must(g_bytes_equal(packed, repacked));
	again->header_gate = GATE_NONE; /* even what nobody would answer */
	g_autofree char *wrong =
	        reply_fields_check(again, target_catalogue(), target_settings(), NULL);
	if (wrong != NULL)
		target_fail(__FILE__, __LINE__, wrong);
	return 0;
}
