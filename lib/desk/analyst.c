#include "desk/analyst.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "desk/nursery.h"
#include "desk/wire.h"
#include "triage/case_pack.h"

#define ANSWER_MAX (64u * 1024 * 1024) /* bytes of one packed case */
#define GRACE_SECONDS 3 /* beyond analyse_seconds, for a starved machine */
#define ANALYSTS_MAX 64
/* Mails in an analyst's hands beside the one it reads, so that it never waits for the watcher;
 * and bytes of them, which its socket holds. */
#define QUEUE_MAILS 16
#define QUEUE_BYTES (192u * 1024)
#define READ_BYTES (64u * 1024)
/* Analysts that one mail may cost: the first may have died of something else, such as the
 * kernel's want of memory. */
#define DEATHS_MAX 2

typedef struct {
	GBytes *bytes;
	guint64 ticket;
	gint64 received;
	gboolean truncated;
	guint deaths; /* analysts that this mail has cost */
} Job;

/* One analyst and the mails in its hands; fd < 0: it must be forked anew. It reads them one by
 * one, so that the first is to blame for whatever happens to it. */
typedef struct {
	int fd;
	GQueue jobs;      /* of Job: handed over, unanswered */
	gsize bytes;      /* of these mails */
	gsize sent;       /* of the last one's question and bytes */
	gboolean sending; /* the last one is not out whole */
	gint64 since;     /* the first one is read */
	GByteArray *said; /* of an answer that is not whole yet */
} Slot;

struct AnalystPool {
	int nursery;
	gboolean lost; /* the nursery has died */
	guint seconds;
	guint count;
	guint unfinished;
	GQueue waiting; /* of Job, for a place in a slot */
	Slot slots[ANALYSTS_MAX];
	AnalysisDone done;
	gpointer data;
};

static void
job_free(gpointer data)
{
	Job *job = data;
	g_bytes_unref(job->bytes);
	g_free(job);
}

static gboolean
slot_start(AnalystPool *pool, Slot *slot, GError **error)
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "socketpair: %s",
		        g_strerror(errno));
		return FALSE;
	}
	/* The kernel counts twice as much for what stands in a socket (socket(7)). */
	const int bytes = QUEUE_BYTES;
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
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
	g_queue_init(&pool->waiting);
	for (guint i = 0; i < pool->count; i++) {
		pool->slots[i].fd = -1;
		pool->slots[i].said = g_byte_array_new();
		g_queue_init(&pool->slots[i].jobs);
	}
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
		g_queue_clear_full(&pool->slots[i].jobs, job_free);
		g_byte_array_unref(pool->slots[i].said);
	}
	g_queue_clear_full(&pool->waiting, job_free);
	close(pool->nursery);
	g_free(pool);
}

gboolean
analyst_pool_is_lost(const AnalystPool *pool)
{
	return pool->lost;
}

/* Send as much of the last mail as the socket takes; false when the analyst is gone. */
static gboolean
slot_send(Slot *slot)
{
	const Job *job = g_queue_peek_tail(&slot->jobs);
	AnalystQuestion question = { .size = g_bytes_get_size(job->bytes),
		.received = job->received,
		.truncated = job->truncated != FALSE };
	gsize whole = sizeof question + question.size;
	while (slot->sent < whole) {
		gssize sent = wire_send_two(
		        slot->fd, &question, sizeof question, job->bytes, slot->sent);
		if (sent < 0)
			return FALSE;
		if (sent == 0)
			break;
		slot->sent += (gsize)sent;
	}
	slot->sending = slot->sent < whole;
	return TRUE;
}

/* The analyst that has least to do, of those with room for one more; or NULL. */
static Slot *
slot_with_room(AnalystPool *pool)
{
	Slot *best = NULL;
	for (guint i = 0; i < pool->count; i++) {
		Slot *slot = &pool->slots[i];
		guint jobs = slot->jobs.length;
		gboolean room = jobs == 0 || (!slot->sending && jobs < QUEUE_MAILS &&
		                                     slot->bytes < QUEUE_BYTES);
		if (room && (best == NULL || jobs < best->jobs.length))
			best = slot;
	}
	return best;
}

/* The first mail of a slot is answered or given up. */
static void
slot_report(AnalystPool *pool, Slot *slot, Analysis *analysis)
{
	Job *job = g_queue_pop_head(&slot->jobs);
	slot->bytes -= g_bytes_get_size(job->bytes);
	slot->since = clock_monotonic();
	pool->unfinished--;
	analysis->ticket = job->ticket;
	analysis->bytes = job->bytes;
	pool->done(analysis, pool->data);
	case_free(analysis->kase);
	g_free(analysis->failure);
	job_free(job);
}

static char *
death_of(const AnalystPool *pool, gboolean late)
{
	return late ? g_strdup_printf(
	                      "the analysis took longer than %u s", pool->seconds)
	            : g_strdup("the analyst died");
}

/* Bury the analyst of a slot. The mail that it read is given to another, unless that was tried
 * or it took too long; those behind it are not to blame. */
static void
slot_bury(AnalystPool *pool, Slot *slot)
{
	gint64 taken = clock_monotonic() - slot->since;
	gboolean late = taken >= (gint64)pool->seconds * G_USEC_PER_SEC;
	close(slot->fd);
	slot->fd = -1;
	slot->sending = FALSE;
	g_byte_array_set_size(slot->said, 0);
	while (slot->jobs.length > 1) {
		Job *behind = g_queue_pop_tail(&slot->jobs);
		slot->bytes -= g_bytes_get_size(behind->bytes);
		g_queue_push_head(&pool->waiting, behind);
	}
	Job *first = g_queue_peek_head(&slot->jobs);
	if (first == NULL)
		return;
	if (!late && ++first->deaths < DEATHS_MAX) {
		g_queue_push_head(&pool->waiting, g_queue_pop_head(&slot->jobs));
		slot->bytes = 0;
		return;
	}
	Analysis analysis = {
		.failure = death_of(pool, late), .died = TRUE, .took = taken
	};
	slot_report(pool, slot, &analysis);
}

/* Hand out what waits, as far as there is room. */
static gboolean
pool_hand_out(AnalystPool *pool, GError **error)
{
	Slot *slot;
	while (pool->waiting.length > 0 && (slot = slot_with_room(pool)) != NULL) {
		if (slot->fd < 0 && !slot_start(pool, slot, error))
			return FALSE;
		Job *job = g_queue_pop_head(&pool->waiting);
		if (slot->jobs.length == 0)
			slot->since = clock_monotonic();
		g_queue_push_tail(&slot->jobs, job);
		slot->bytes += g_bytes_get_size(job->bytes);
		slot->sent = 0;
		if (!slot_send(slot))
			slot_bury(pool, slot);
	}
	return TRUE;
}

/* Take one answer, if it is there whole; false: it is nonsense. */
static gboolean
slot_take_answer(AnalystPool *pool, Slot *slot, gboolean *taken)
{
	AnalystAnswer answer;
	Analysis analysis = { 0 };
	*taken = FALSE;
	if (slot->said->len < sizeof answer)
		return TRUE;
	memcpy(&answer, slot->said->data, sizeof answer);
	if (answer.length > ANSWER_MAX || slot->jobs.length == 0)
		return FALSE;
	if (slot->said->len - sizeof answer < answer.length)
		return TRUE;
	const char *text = (const char *)slot->said->data + sizeof answer;
	if (answer.failed)
		analysis.failure = g_strndup(text, answer.length);
	else
		analysis.kase = case_unpack(text, answer.length, NULL);
	if (!answer.failed && analysis.kase == NULL)
		return FALSE;
	g_byte_array_remove_range(
	        slot->said, 0, (guint)(sizeof answer + answer.length));
	analysis.took = CLAMP(answer.took, 1, (gint64)pool->seconds * G_USEC_PER_SEC);
	slot_report(pool, slot, &analysis);
	*taken = TRUE;
	return TRUE;
}

static gboolean
slot_take_answers(AnalystPool *pool, Slot *slot)
{
	gboolean taken;
	do
		if (!slot_take_answer(pool, slot, &taken))
			return FALSE;
	while (taken);
	return TRUE;
}

/* Read what a slot has to say; false when its analyst is gone or talks nonsense. */
static gboolean
slot_hear(AnalystPool *pool, Slot *slot)
{
	gssize got;
	do {
		guint before = slot->said->len;
		g_byte_array_set_size(slot->said, before + READ_BYTES);
		got = wire_receive(slot->fd, slot->said->data + before, READ_BYTES);
		g_byte_array_set_size(slot->said, before + (guint)MAX(got, 0));
		if (!slot_take_answers(pool, slot))
			return FALSE;
	} while (got == READ_BYTES);
	return got >= 0;
}

static gboolean
slot_attend(AnalystPool *pool, Slot *slot, short events)
{
	if ((events & ~POLLOUT) != 0 && !slot_hear(pool, slot))
		return FALSE;
	return !slot->sending || (events & POLLOUT) == 0 || slot_send(slot);
}

static gint64
slot_deadline(const AnalystPool *pool, const Slot *slot)
{
	return slot->since + (gint64)(pool->seconds + GRACE_SECONDS) * G_USEC_PER_SEC;
}

/* What to wait for, and until when (monotonic). */
static gint64
pool_watch(const AnalystPool *pool, struct pollfd *fds)
{
	gint64 first = G_MAXINT64;
	for (guint i = 0; i < pool->count; i++) {
		const Slot *slot = &pool->slots[i];
		gboolean busy = slot->jobs.length > 0;
		fds[i] = (struct pollfd){ .fd = busy ? slot->fd : -1,
			.events = (short)(POLLIN | (slot->sending ? POLLOUT : 0)) };
		if (busy)
			first = MIN(first, slot_deadline(pool, slot));
	}
	return first;
}

gboolean
analyst_pool_attend(AnalystPool *pool, gboolean wait, GError **error)
{
	struct pollfd fds[ANALYSTS_MAX];
	if (!pool_hand_out(pool, error))
		return FALSE;
	gint64 first = pool_watch(pool, fds), now = clock_monotonic();
	int patience = !wait || first <= now ? 0 : (int)((first - now) / 1000 + 1);
	if (first == G_MAXINT64)
		return TRUE;
	if (poll(fds, pool->count, patience) < 0 && errno != EINTR) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "poll: %s",
		        g_strerror(errno));
		return FALSE;
	}
	now = clock_monotonic();
	for (guint i = 0; i < pool->count; i++) {
		Slot *slot = &pool->slots[i];
		gboolean over = fds[i].fd >= 0 && fds[i].revents == 0 &&
		                now >= slot_deadline(pool, slot);
		if (over || (fds[i].revents != 0 &&
		                    !slot_attend(pool, slot, fds[i].revents)))
			slot_bury(pool, slot);
	}
	return pool_hand_out(pool, error);
}

gboolean
analyst_pool_put(AnalystPool *pool, guint64 ticket, GBytes *bytes, gboolean truncated,
        gint64 received, GError **error)
{
	Job *job = g_new0(Job, 1);
	job->bytes = g_bytes_ref(bytes);
	job->ticket = ticket;
	job->received = received;
	job->truncated = truncated;
	g_queue_push_tail(&pool->waiting, job);
	pool->unfinished++;
	return analyst_pool_attend(pool, FALSE, error);
}

gboolean
analyst_pool_drain(AnalystPool *pool, GError **error)
{
	while (pool->unfinished > 0)
		if (!analyst_pool_attend(pool, TRUE, error))
			return FALSE;
	return TRUE;
}
