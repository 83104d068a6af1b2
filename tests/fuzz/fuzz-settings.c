/* The settings file. */
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const char *file = target_file("fuzz.conf", data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(Settings) settings = settings_load(file, &error);
	target_must((settings == NULL) == (error != NULL));
	g_autoptr(Settings) partial = settings_load_partial(file, NULL);
	target_must(settings == NULL || partial != NULL);
	return 0;
}
