#include "desk/analyst.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "desk/nursery.h"
#include "desk/wire.h"
#include "triage/case_pack.h"

#define ANSWER_MAX (64u * 1024 * 1024) /* bytes of one packed case */
#define GRACE_SECONDS 3 /* beyond analyse_seconds, for a starved machine */
#define ANALYSTS_MAX 64
/* Analysts that one mail may cost: the first may have died of something else, such as the
 * kernel's want of memory. */
#define DEATHS_MAX 2

/* One analyst and the mail in its hands; fd < 0: it must be forked anew. */
typedef struct {
	int fd;
	GBytes *bytes; /* NULL: idle */
	guint64 ticket;
	gint64 received;
	gboolean truncated;
	guint deaths; /* analysts that this mail has cost */
	gint64 deadline;
	gint64 started;
} Slot;

struct AnalystPool {
	int nursery;
	gboolean lost; /* the nursery has died */
	guint seconds;
	guint count;
	Slot slots[ANALYSTS_MAX];
	AnalysisDone done;
	gpointer data;
};

static gboolean
slot_start(AnalystPool *pool, Slot *slot, GError **error)
{
	int sockets[2];
	struct timeval limit = { .tv_sec = (time_t)pool->seconds + GRACE_SECONDS };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "socketpair: %s",
		        g_strerror(errno));
		return FALSE;
	}
	setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	gboolean given = wire_give_fd(pool->nursery, sockets[1]);
	close(sockets[1]);
	if (given) {
		slot->fd = sockets[0];
		return TRUE;
	}
	close(sockets[0]);
	pool->lost = TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the analysts' nursery has died");
	return FALSE;
}

AnalystPool *
analyst_pool_start(const AnalyseContext *context, guint count, AnalysisDone done,
        gpointer data, GError **error)
{
	int nursery = nursery_start(context, error);
	if (nursery < 0)
		return NULL;
	g_autoptr(AnalystPool) pool = g_new0(AnalystPool, 1);
	pool->nursery = nursery;
	pool->seconds = MAX(1, context->settings->limits.analyse_seconds);
	pool->count = CLAMP(count, 1, ANALYSTS_MAX);
	pool->done = done;
	pool->data = data;
	for (guint i = 0; i < ANALYSTS_MAX; i++)
		pool->slots[i].fd = -1;
	for (guint i = 0; i < pool->count; i++)
		if (!slot_start(pool, &pool->slots[i], error))
			return NULL;
	return g_steal_pointer(&pool);
}

void
analyst_pool_free(AnalystPool *pool)
{
	if (pool == NULL)
		return;
	for (guint i = 0; i < pool->count; i++) {
		if (pool->slots[i].fd >= 0)
			close(pool->slots[i].fd);
		g_clear_pointer(&pool->slots[i].bytes, g_bytes_unref);
	}
	close(pool->nursery);
	g_free(pool);
}

gboolean
analyst_pool_is_lost(const AnalystPool *pool)
{
	return pool->lost;
}

/* Hand the slot's mail to its analyst; false when that one is gone. */
static gboolean
slot_ask(const AnalystPool *pool, Slot *slot)
{
	AnalystQuestion question = { .size = g_bytes_get_size(slot->bytes),
		.received = slot->received,
		.truncated = slot->truncated != FALSE };
	slot->started = clock_monotonic();
	slot->deadline = slot->started +
	                 (gint64)(pool->seconds + GRACE_SECONDS) * G_USEC_PER_SEC;
	return wire_write_two(slot->fd, &question, sizeof question,
	        g_bytes_get_data(slot->bytes, NULL), question.size);
}

/* Read one answer into analysis; false when the analyst is gone or talks nonsense. */
static gboolean
slot_read(const Slot *slot, Analysis *analysis)
{
	AnalystAnswer answer;
	if (!wire_read(slot->fd, &answer, sizeof answer) || answer.length > ANSWER_MAX)
		return FALSE;
	g_autofree char *text = g_malloc(answer.length + 1);
	if (!wire_read(slot->fd, text, answer.length))
		return FALSE;
	text[answer.length] = '\0';
	if (answer.failed) {
		analysis->failure = g_steal_pointer(&text);
		return TRUE;
	}
	g_autoptr(GError) error = NULL;
	analysis->kase = case_unpack(text, answer.length, &error);
	return analysis->kase != NULL;
}

static gboolean
slot_took_too_long(const AnalystPool *pool, const Slot *slot)
{
	gint64 taken = clock_monotonic() - slot->started;
	return taken >= (gint64)pool->seconds * G_USEC_PER_SEC;
}

static char *
death_of(const AnalystPool *pool, const Slot *slot)
{
	if (slot_took_too_long(pool, slot))
		return g_strdup_printf(
		        "the analysis took longer than %u s", pool->seconds);
	return g_strdup("the analyst died");
}

/* Bury the analyst of a slot and give its mail to another: *given when that one has it. */
static gboolean
slot_try_again(AnalystPool *pool, Slot *slot, gboolean *given, GError **error)
{
	gboolean late = slot_took_too_long(pool, slot);
	close(slot->fd);
	slot->fd = -1;
	*given = FALSE;
	while (!late && !*given && ++slot->deaths < DEATHS_MAX) {
		if (!slot_start(pool, slot, error)) {
			g_clear_pointer(&slot->bytes, g_bytes_unref);
			return FALSE;
		}
		*given = slot_ask(pool, slot);
		if (!*given) {
			close(slot->fd);
			slot->fd = -1;
		}
	}
	return TRUE;
}

/* Take what a slot has to say, tell the caller, and have the analyst replaced if it died. */
static gboolean
slot_finish(AnalystPool *pool, Slot *slot, gboolean readable, GError **error)
{
	Analysis analysis = { .ticket = slot->ticket, .bytes = slot->bytes };
	gboolean given;
	if (!readable || !slot_read(slot, &analysis)) {
		if (!slot_try_again(pool, slot, &given, error))
			return FALSE;
		if (given)
			return TRUE;
		analysis.failure = death_of(pool, slot);
		analysis.died = TRUE;
	}
	analysis.took = clock_monotonic() - slot->started;
	pool->done(&analysis, pool->data);
	case_free(analysis.kase);
	g_free(analysis.failure);
	g_clear_pointer(&slot->bytes, g_bytes_unref);
	return slot->fd >= 0 || slot_start(pool, slot, error);
}

/* Wait until at least one busy analyst has answered, died or run out of time. */
static gboolean
pool_wait(AnalystPool *pool, GError **error)
{
	struct pollfd fds[ANALYSTS_MAX];
	gint64 now = clock_monotonic(), first = G_MAXINT64;
	for (guint i = 0; i < pool->count; i++) {
		const Slot *slot = &pool->slots[i];
		fds[i] = (struct pollfd){ .fd = slot->bytes ? slot->fd : -1,
			.events = POLLIN };
		if (slot->bytes != NULL)
			first = MIN(first, slot->deadline);
	}
	int wait = first <= now ? 0 : (int)((first - now) / 1000 + 1);
	if (poll(fds, pool->count, wait) < 0 && errno != EINTR) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "poll: %s",
		        g_strerror(errno));
		return FALSE;
	}
	now = clock_monotonic();
	for (guint i = 0; i < pool->count; i++) {
		Slot *slot = &pool->slots[i];
		if (slot->bytes == NULL ||
		        (fds[i].revents == 0 && now < slot->deadline))
			continue;
		if (!slot_finish(pool, slot, fds[i].revents != 0, error))
			return FALSE;
	}
	return TRUE;
}

static Slot *
pool_idle_slot(AnalystPool *pool)
{
	for (guint i = 0; i < pool->count; i++)
		if (pool->slots[i].bytes == NULL)
			return &pool->slots[i];
	return NULL;
}

gboolean
analyst_pool_put(AnalystPool *pool, guint64 ticket, GBytes *bytes, gboolean truncated,
        gint64 received, GError **error)
{
	Slot *slot;
	while ((slot = pool_idle_slot(pool)) == NULL)
		if (!pool_wait(pool, error))
			return FALSE;
	if (slot->fd < 0 && !slot_start(pool, slot, error))
		return FALSE;
	slot->bytes = g_bytes_ref(bytes);
	slot->ticket = ticket;
	slot->received = received;
	slot->truncated = truncated;
	slot->deaths = 0;
	if (slot_ask(pool, slot))
		return TRUE;
	return slot_finish(pool, slot, FALSE, error);
}

gboolean
analyst_pool_drain(AnalystPool *pool, GError **error)
{
	for (guint i = 0; i < pool->count; i++)
		while (pool->slots[i].bytes != NULL)
			if (!pool_wait(pool, error))
				return FALSE;
	return TRUE;
}
