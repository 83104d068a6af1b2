/*
 * Preloaded under valgrind, which cannot follow what PCRE2's just-in-time compiler makes: it
 * reads whole words at the ends of strings, on purpose. Without it PCRE2 interprets.
 */
#include <stdint.h>

#define JIT_BADOPTION (-45) /* PCRE2_ERROR_JIT_BADOPTION */

int pcre2_jit_compile_8(void *code, uint32_t options);

int
pcre2_jit_compile_8(void *code, uint32_t options)
{
	(void)code;
	(void)options;
	return JIT_BADOPTION;
}
