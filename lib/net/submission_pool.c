#include "net/submission_pool.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define REST_SECONDS                                                                   \
	30 /* an idle connection is ended after: servers end it themselves later */

struct SubmissionPool {
	const Endpoint *endpoint;
	GPtrArray *threads;
	GAsyncQueue *jobs, *results; /* of Work */
	GAsyncQueue *held;           /* of Work: taken while halted */
	guint busy;
	int event;
	GMutex lock; /* of halted, and of what is held for it */
	gboolean halted;
};

/* A mail on its way through the threads; without bytes: the thread ends. */
typedef struct {
	SubmissionMail mail; /* whose strings and bytes are ours */
	gpointer tag;
	gint *progress;
	gint begun, sent, over;
	gint64 began;
} Work;

static void
work_free(Work *work)
{
	g_free((char *)work->mail.envelope_from);
	g_free((char *)work->mail.recipient);
	g_clear_pointer(&work->mail.bytes, g_bytes_unref);
	submission_result_clear(&work->mail.result);
	g_free(work);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Work, work_free)

static void
wake_caller(const SubmissionPool *pool)
{
	guint64 one = 1;
	if (write(pool->event, &one, sizeof one) < 0)
		g_error("cannot write to an eventfd");
}

static void
note_progress(const Work *work, gint progress)
{
	if (work->progress != NULL)
		g_atomic_int_set(work->progress, progress);
}

/* To wait again, before all others; held while the pool is halted, of which the caller is
 * told, who may withdraw it. */
static void
put_back(SubmissionPool *pool, Work *work)
{
	g_mutex_lock(&pool->lock);
	if (pool->halted)
		g_async_queue_push(pool->held, work);
	else
		g_async_queue_push_front(pool->jobs, work);
	g_mutex_unlock(&pool->lock);
	wake_caller(pool);
}

static void
end_work(SubmissionMail *mail, gpointer data)
{
	SubmissionPool *pool = data;
	Work *work = (Work *)mail;
	const SubmissionResult *result = &mail->result;
	if (result->server || result->outcome == SUBMISSION_UNKNOWN)
		submission_pool_halt(pool);
	if (result->outcome != SUBMISSION_UNKNOWN)
		note_progress(work,
		        result->outcome == SUBMISSION_SENT ? work->sent : work->over);
	g_async_queue_push(pool->results, work);
	wake_caller(pool);
}

/* Unless the pool is halted, what is begun is noted before it can be withdrawn no more. */
static gboolean
begin_work(SubmissionMail *mail, gpointer data)
{
	SubmissionPool *pool = data;
	Work *work = (Work *)mail;
	work->began = clock_monotonic();
	g_mutex_lock(&pool->lock);
	gboolean halted = pool->halted;
	if (!halted)
		note_progress(work, work->begun);
	g_mutex_unlock(&pool->lock);
	return !halted;
}

/* What is to be done next; NULL: the pool is halted, or nothing came for a while. */
static Work *
next_work(SubmissionPool *pool)
{
	Work *work =
	        g_async_queue_timeout_pop(pool->jobs, REST_SECONDS * G_USEC_PER_SEC);
	if (work == NULL || work->mail.bytes == NULL)
		return work;
	if (begin_work(&work->mail, pool))
		return work;
	put_back(pool, work);
	return NULL;
}

/* What waits already, to go right behind the present mail. */
static SubmissionMail *
waiting_work(gpointer data)
{
	SubmissionPool *pool = data;
	g_mutex_lock(&pool->lock);
	Work *work = pool->halted ? NULL : g_async_queue_try_pop(pool->jobs);
	g_mutex_unlock(&pool->lock);
	if (work == NULL)
		return NULL;
	if (work->mail.bytes != NULL)
		return &work->mail;
	g_async_queue_push_front(pool->jobs, work); /* the word to end */
	return NULL;
}

static void
give_back_work(SubmissionMail *mail, gpointer data)
{
	put_back(data, (Work *)mail);
}

static gpointer
run_thread(gpointer data)
{
	SubmissionPool *pool = data;
	const SubmissionFeed feed = { waiting_work, begin_work, end_work,
		give_back_work, pool };
	g_autoptr(Submission) submission = submission_new(pool->endpoint);
	for (;;) {
		Work *work = next_work(pool);
		if (work == NULL) {
			submission_rest(submission, REST_SECONDS);
			continue;
		}
		if (work->mail.bytes == NULL) {
			work_free(work);
			return NULL;
		}
		submission_run(submission, &work->mail, &feed);
	}
}

SubmissionPool *
submission_pool_new(const Endpoint *endpoint, guint connections)
{
	SubmissionPool *pool = g_new0(SubmissionPool, 1);
	sigset_t all, before;
	pool->endpoint = endpoint;
	pool->jobs = g_async_queue_new();
	pool->results = g_async_queue_new();
	pool->held = g_async_queue_new();
	g_mutex_init(&pool->lock);
	pool->threads = g_ptr_array_new();
	pool->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->event < 0)
		g_error("cannot make an eventfd");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (guint i = 0; i < connections; i++)
		g_ptr_array_add(
		        pool->threads, g_thread_new("submission", run_thread, pool));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pool;
}

void
submission_pool_free(SubmissionPool *pool)
{
	if (pool == NULL)
		return;
	gpointer tag;
	while (submission_pool_withdraw(pool, &tag))
		;
	for (guint i = 0; i < pool->threads->len; i++)
		g_async_queue_push(pool->jobs, g_new0(Work, 1));
	for (guint i = 0; i < pool->threads->len; i++)
		g_thread_join(g_ptr_array_index(pool->threads, i));
	Work *work;
	while ((work = g_async_queue_try_pop(pool->results)) != NULL)
		work_free(work);
	while ((work = g_async_queue_try_pop(pool->held)) != NULL)
		work_free(work);
	g_ptr_array_unref(pool->threads);
	g_async_queue_unref(pool->held);
	g_async_queue_unref(pool->jobs);
	g_async_queue_unref(pool->results);
	close(pool->event);
	g_mutex_clear(&pool->lock);
	g_free(pool);
}

guint
submission_pool_busy(const SubmissionPool *pool)
{
	return pool->busy;
}

gboolean
submission_pool_has_room(const SubmissionPool *pool)
{
	return pool->busy < pool->threads->len;
}

void
submission_pool_start(SubmissionPool *pool, const SubmissionJob *job)
{
	Work *work = g_new0(Work, 1);
	work->mail.envelope_from = g_strdup(job->envelope_from);
	work->mail.recipient = g_strdup(job->recipient);
	work->mail.bytes = g_bytes_ref(job->bytes);
	work->tag = job->tag;
	work->progress = job->progress;
	work->begun = job->begun;
	work->sent = job->sent;
	work->over = job->over;
	pool->busy++;
	g_async_queue_push(pool->jobs, work);
}

gboolean
submission_pool_withdraw(SubmissionPool *pool, gpointer *tag)
{
	g_autoptr(Work) work = g_async_queue_try_pop(pool->held);
	if (work == NULL)
		work = g_async_queue_try_pop(pool->jobs);
	if (work == NULL)
		return FALSE;
	pool->busy--;
	*tag = work->tag;
	return TRUE;
}

void
submission_pool_halt(SubmissionPool *pool)
{
	g_mutex_lock(&pool->lock);
	pool->halted = TRUE;
	g_mutex_unlock(&pool->lock);
}

void
submission_pool_resume(SubmissionPool *pool)
{
	Work *work;
	g_mutex_lock(&pool->lock);
	pool->halted = FALSE;
	while ((work = g_async_queue_try_pop(pool->held)) != NULL)
		g_async_queue_push(pool->jobs, work);
	g_mutex_unlock(&pool->lock);
}

int
submission_pool_fd(const SubmissionPool *pool)
{
	return pool->event;
}

/* The eventfd is emptied with the last result, not with each: a result that comes meanwhile
 * fills it again. */
static void
quieten(const SubmissionPool *pool)
{
	guint64 count;
	if (read(pool->event, &count, sizeof count) > 0 &&
	        g_async_queue_length(pool->results) > 0)
		wake_caller(pool);
}

gboolean
submission_pool_take(
        SubmissionPool *pool, gpointer *tag, SubmissionResult *result, gint64 *began)
{
	g_autoptr(Work) work = g_async_queue_try_pop(pool->results);
	if (work == NULL || g_async_queue_length(pool->results) <= 0)
		quieten(pool);
	if (work == NULL)
		return FALSE;
	pool->busy--;
	*tag = work->tag;
	*result = work->mail.result;
	if (began != NULL)
		*began = work->began;
	work->mail.result = (SubmissionResult){ 0 };
	return TRUE;
}
