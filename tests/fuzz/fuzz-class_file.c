/* A class file of the admin's catalogue. */
#include "rules/class_file.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const char *file = target_file("fuzz.conf", data, size);
	const char *const directories[] = { target_directory(), NULL };
	g_autoptr(Partials) partials = partials_new(directories);
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Problems) warnings = problems_new();
	g_autoptr(ClassFile) read = class_file_read(file, partials, problems, warnings);
	target_must(read != NULL || problems_count(problems) > 0);
	return 0;
}
