#include "net/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECRET_MAX (64 * 1024)

struct Secret {
	gsize mapped;
	char text[];
};

static gboolean
is_sayable(const char *text, gsize length)
{
	return length <= SECRET_MAX && memchr(text, '\0', length) == NULL &&
	       memchr(text, '\r', length) == NULL && memchr(text, '\n', length) == NULL;
}

/* mlock fails beyond RLIMIT_MEMLOCK; the secret then may be swapped, which is no reason not
 * to work. */
static void *
map_private(gsize size)
{
	void *memory = mmap(
	        NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		g_error("cannot map %zu bytes for a secret", size);
	(void)mlock(memory, size);
	(void)madvise(memory, size, MADV_DONTDUMP);
	(void)madvise(memory, size, MADV_WIPEONFORK);
	return memory;
}

Secret *
secret_new(const char *text, gssize length)
{
	gsize size = length < 0 ? strlen(text) : (gsize)length;
	if (!is_sayable(text, size))
		return NULL;
	gsize page = (gsize)sysconf(_SC_PAGESIZE);
	gsize mapped = (sizeof(Secret) + size + 1 + page - 1) / page * page;
	Secret *secret = map_private(mapped);
	secret->mapped = mapped;
	memcpy(secret->text, text, size);
	secret->text[size] = '\0';
	return secret;
}

const char *
secret_text(const Secret *secret)
{
	return secret->text;
}

void
secret_free(Secret *secret)
{
	if (secret == NULL)
		return;
	gsize mapped = secret->mapped;
	explicit_bzero(secret, mapped);
	munmap(secret, mapped);
}
