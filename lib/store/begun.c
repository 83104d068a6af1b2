#include "store/begun.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"

#define BEGUN_FILE "begun"
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_VARIABLE                                                               \
	"TRIAGED_BOOT_ID" /* systemd's %b, where /proc is hidden from the service */
#define BOOT_ID_BYTES 64
#define SLOTS_MAX 1024

typedef struct {
	gint64 id;  /* 0: free */
	gint state; /* BegunState */
} Slot;

typedef struct {
	char boot[BOOT_ID_BYTES];
	Slot slots[SLOTS_MAX];
} Page;

struct Begun {
	Page *page;
	guint count;
	gboolean trusted; /* what was left is of this boot */
};

/* "" when it is not known. */
static void
read_boot_id(char boot[BOOT_ID_BYTES])
{
	g_autofree char *text = NULL;
	const char *given = g_getenv(BOOT_ID_VARIABLE);
	if (!g_file_get_contents(BOOT_ID_FILE, &text, NULL, NULL))
		text = g_strdup(given != NULL ? given : "");
	/* systemd writes it without the hyphens */
	gsize at = 0;
	for (const char *c = text; *c != '\0' && at < BOOT_ID_BYTES - 1; c++)
		if (g_ascii_isxdigit(*c))
			boot[at++] = *c;
	boot[at] = '\0';
}

static int
open_file(const char *file, GError **error)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int failed = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(Page));
	if (failed == 0)
		return fd;
	g_autofree char *what = g_strdup_printf("'%s' cannot be made", file);
	error_set_disk(error, failed, what);
	if (fd >= 0)
		close(fd);
	return -1;
}

Begun *
begun_open(const char *directory, guint slots, GError **error)
{
	g_autofree char *file = g_build_filename(directory, BEGUN_FILE, NULL);
	char boot[BOOT_ID_BYTES];
	int fd = open_file(file, error);
	if (fd < 0)
		return NULL;
	Page *page =
	        mmap(NULL, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int failed = errno;
	close(fd);
	if (page == MAP_FAILED) {
		error_set_disk(error, failed, "the state cannot be mapped");
		return NULL;
	}
	Begun *begun = g_new0(Begun, 1);
	read_boot_id(boot);
	begun->page = page;
	begun->count = MIN(slots, SLOTS_MAX);
	begun->trusted =
	        boot[0] != '\0' && strncmp(boot, page->boot, BOOT_ID_BYTES) == 0;
	return begun;
}

void
begun_close(Begun *begun)
{
	if (begun == NULL)
		return;
	munmap(begun->page, sizeof(Page));
	g_free(begun);
}

static Slot *
find_slot(const Begun *begun, gint64 id, guint count)
{
	for (guint i = 0; i < count; i++)
		if (begun->page->slots[i].id == id)
			return &begun->page->slots[i];
	return NULL;
}

BegunState
begun_left(const Begun *begun, gint64 id)
{
	if (!begun->trusted)
		return BEGUN_YES;
	const Slot *slot = find_slot(begun, id, SLOTS_MAX);
	if (slot == NULL)
		return BEGUN_NOT;
	switch ((BegunState)slot->state) {
	case BEGUN_NOT: return BEGUN_NOT;
	case BEGUN_SENT: return BEGUN_SENT;
	case BEGUN_OVER: return BEGUN_OVER;
	case BEGUN_YES: break;
	}
	return BEGUN_YES;
}

void
begun_reset(Begun *begun)
{
	memset(begun->page->slots, 0, sizeof begun->page->slots);
	read_boot_id(begun->page->boot);
	begun->trusted = TRUE;
}

gint *
begun_take(Begun *begun, gint64 id)
{
	Slot *slot = find_slot(begun, 0, begun->count);
	if (slot == NULL)
		g_error("more replies in hand than slots");
	g_atomic_int_set(&slot->state, BEGUN_NOT);
	slot->id = id;
	return &slot->state;
}

void
begun_drop(Begun *begun, gint64 id)
{
	Slot *slot = find_slot(begun, id, begun->count);
	if (slot != NULL)
		slot->id = 0;
}
