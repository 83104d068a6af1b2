#include "desk/courier.h"

#include <poll.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/courier_core.h"
#include "desk/delivery.h"
#include "desk/recovery.h"
#include "desk/tallying.h"
#include "store/note.h"

#define LOOK_MS (10 * 1000) /* triagectl releases replies without a bell */
/* Replies in hand per connection: those beyond the first wait for it, so that no connection
 * waits for a commit, and one commit is for many. */
#define IN_HAND 16
/* An outcome waits so long for others to be committed with it, while no connection is idle. */
#define GATHER_MS 25
#define GATHER_MAX 48 /* outcomes */
#define DAWDLE_MS                                                                      \
	2500 /* when nothing is answered for so long, others get their chance */

static void
courier_clear(Courier *courier)
{
	submission_pool_free(courier->pool);
	begun_close(courier->begun); /* the pool's threads write there */
	pace_free(courier->pace);
	g_clear_pointer(&courier->chosen, g_ptr_array_unref);
	g_clear_pointer(&courier->answered, g_ptr_array_unref);
	endpoint_free(courier->endpoint);
	credential_free(courier->credential);
	store_close(courier->store);
	g_free(courier->owner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Courier, courier_clear)

static void
ring_watchers(const Courier *courier)
{
	for (guint i = 0; i < courier->role->bells->count; i++)
		bell_ring(courier->role->bells->watchers[i]);
}

/* How many more may begin now; a server in trouble is tried with one. */
static guint
courier_room(const Courier *courier)
{
	guint most = courier->pause > 0
	                     ? 1
	                     : courier->role->settings->smtp.connections * IN_HAND;
	guint busy = submission_pool_busy(courier->pool);
	return courier_rests(courier) || busy >= most ? 0 : most - busy;
}

static void
begin_trouble(Courier *courier, const Delivery *delivery)
{
	gint64 now = clock_monotonic();
	if (courier->pause > 0 && now < courier->paused_until)
		return; /* one that had begun before the pause */
	if (courier->pause == 0) {
		log_line(LOG_LEVEL_WARNING,
		        "the SMTP server is in trouble, replies wait", "step",
		        delivery->result.step, "error", delivery->result.words, NULL);
		tallying_outage(courier->store, "courier", "");
	}
	courier->pause =
	        courier->pause == 0 ? PAUSE_FIRST : MIN(courier->pause * 2, PAUSE_MOST);
	courier->paused_until = now + courier->pause * 1000;
	courier->login_is_old = strcmp(delivery->result.step, "connect") == 0;
}

static void
end_trouble(Courier *courier)
{
	credential_accept(courier->credential);
	if (courier->pause > 0)
		log_line(LOG_LEVEL_NOTICE, "the SMTP server is back", NULL);
	courier->pause = 0;
}

/* Take over what the submissions under way have come to. */
static void
take_answers(Courier *courier)
{
	gpointer tag;
	SubmissionResult result;
	gint64 began;
	while (submission_pool_take(courier->pool, &tag, &result, &began)) {
		Delivery *delivery = tag;
		crash_point("smtp-submit-after");
		delivery->result = result;
		courier->heard_at = clock_monotonic();
		if (courier->answered->len == 0)
			courier->answered_at = courier->heard_at;
		pace_end(courier->pace, delivery->effect->recipient, began,
		        courier->heard_at);
		if (delivery_is_trouble(delivery) && courier_renews_token(courier))
			delivery->again = TRUE;
		else if (delivery_is_trouble(delivery))
			begin_trouble(courier, delivery);
		else
			end_trouble(courier);
		g_ptr_array_add(courier->answered, delivery);
	}
}

/* While the server is in trouble, or dawdles, or our login is old, or we are to stop, nothing
 * waits in our hands: what has not begun goes back into the outbox, for its turn. */
static void
withdraw_waiting(Courier *courier)
{
	gint64 now = clock_monotonic();
	gpointer tag;
	if (submission_pool_busy(courier->pool) == 0)
		courier->heard_at = now;
	if (courier_rests(courier) || courier->login_is_old)
		submission_pool_halt(courier->pool);
	else if (now - courier->heard_at < DAWDLE_MS * G_TIME_SPAN_MILLISECOND)
		return;
	while (submission_pool_withdraw(courier->pool, &tag)) {
		Delivery *delivery = tag;
		delivery->withdrawn = TRUE;
		pace_cancel(courier->pace, delivery->effect->recipient);
		g_ptr_array_add(courier->answered, delivery);
	}
}

/* What a turn's answers say of the server, for the status: the last word counts. */
typedef struct {
	gboolean told, sent;
	const char *trouble; /* NULL: none */
} ServerNote;

static void
server_note_add(ServerNote *note, const Courier *courier, const Delivery *delivery)
{
	gboolean trouble = delivery_is_trouble(delivery) && !delivery->again;
	/* What we cut short ourselves says nothing of the server. */
	if (delivery->withdrawn || (trouble && role_stopping(courier->role)))
		return;
	note->told = TRUE;
	note->trouble = trouble ? delivery->result.words : NULL;
	note->sent = note->sent || delivery->result.outcome == SUBMISSION_SENT;
}

static gboolean
server_note_set(const ServerNote *note, Store *store, GError **error)
{
	gint64 now = clock_now();
	return !note->told ||
	       (note_set(store, "courier", "last-error", note->trouble, now, error) &&
	               (!note->sent || note_set(store, "courier", "last-success",
	                                       "a reply was accepted", now, error)));
}

static gboolean
record_answers(Courier *courier, GError **error)
{
	DeliveryDesk desk = { .store = courier->store,
		.settings = courier->role->settings,
		.resend = courier->role->settings->smtp.resend_unknown,
		.cut = role_stopping(courier->role) };
	ServerNote note = { 0 };
	for (guint i = 0; i < courier->answered->len; i++) {
		Delivery *delivery = g_ptr_array_index(courier->answered, i);
		if (!delivery_record(&desk, delivery, error))
			return FALSE;
		server_note_add(&note, courier, delivery);
	}
	return server_note_set(&note, courier->store, error);
}

/* What is chosen counts at once: the next of the same domain may have to wait for it. */
static gboolean
choose(const Effect *effect, gpointer data)
{
	const Courier *courier = data;
	gint64 now = clock_monotonic();
	if (!pace_may_start(courier->pace, effect->recipient, now))
		return FALSE;
	pace_start(courier->pace, effect->recipient, now);
	g_ptr_array_add(courier->chosen, g_strdup(effect->recipient));
	return TRUE;
}

static void
forget_chosen(Courier *courier, gboolean begun)
{
	for (guint i = 0; !begun && i < courier->chosen->len; i++)
		pace_cancel(courier->pace, g_ptr_array_index(courier->chosen, i));
	g_ptr_array_set_size(courier->chosen, 0);
}

/* Claim what may have a connection now or soon. Of Effect. */
static GPtrArray *
claim_next(Courier *courier, GError **error)
{
	OutboxClaim claim = courier_claim(courier);
	claim.max = courier->login_is_old ? 0 : courier_room(courier);
	claim.wanted = choose;
	claim.data = courier;
	if (claim.max == 0)
		return g_ptr_array_new();
	return outbox_claim(courier->store, &claim, clock_now(), error);
}

/*
 * Write all that is to be written in one commit: the outcomes that have come, and what is
 * claimed next. No reply is lost or sent twice by that. Nothing is handed to the connections
 * before the commit that claims it returned; an outcome that could not be committed is kept
 * and written by the next turn. What a crash leaves claimed had begun or not as store/begun.h
 * tells: only what was under way just then is of unknown fate, never more than there are
 * connections, and never repeated blindly. (Where it cannot tell, after a power failure, all
 * that was claimed is.)
 */
static GPtrArray *
write_turn(Courier *courier, GError **error)
{
	if (!store_begin(courier->store, error))
		return NULL;
	g_autoptr(GPtrArray) beginning = NULL;
	if (record_answers(courier, error))
		beginning = claim_next(courier, error);
	gboolean written = beginning != NULL && store_commit(courier->store, error);
	forget_chosen(courier, written);
	if (written)
		return g_steal_pointer(&beginning);
	store_rollback(courier->store);
	return NULL;
}

static void
begin_submissions(Courier *courier, GPtrArray *beginning)
{
	g_ptr_array_set_free_func(beginning, NULL);
	if (beginning->len > 0)
		submission_pool_resume(courier->pool);
	for (guint i = 0; i < beginning->len; i++) {
		Effect *effect = g_ptr_array_index(beginning, i);
		SubmissionJob job = { .envelope_from = effect->envelope_from,
			.recipient = effect->recipient,
			.bytes = effect->payload,
			.tag = delivery_new(effect),
			.progress = begun_take(courier->begun, effect->id),
			.begun = BEGUN_YES,
			.sent = BEGUN_SENT,
			.over = BEGUN_OVER };
		crash_point("smtp-submit-before");
		submission_pool_start(courier->pool, &job);
	}
}

/* How many ms the outcomes that have come may still wait for others; 0: none. No connection
 * goes idle meanwhile, and what we were told is safe from a crash of ours in store/begun.h. */
static gint64
courier_gathers(const Courier *courier)
{
	guint answered = courier->answered->len;
	guint connections = courier->role->settings->smtp.connections;
	gint64 waited = clock_monotonic() - courier->answered_at;
	if (answered == 0 || answered >= GATHER_MAX || courier_rests(courier) ||
	        courier->login_is_old || role_stopping(courier->role) ||
	        submission_pool_busy(courier->pool) < connections)
		return 0;
	return MAX(0, GATHER_MS - waited / G_TIME_SPAN_MILLISECOND);
}

/* One turn: take what came back, write, begin what may. */
static gboolean
courier_turn(Courier *courier, GError **error)
{
	gboolean heard = FALSE;
	role_beat(courier->role, 0);
	take_answers(courier);
	withdraw_waiting(courier);
	if (courier_gathers(courier) > 0)
		return TRUE;
	g_autoptr(GPtrArray) beginning = write_turn(courier, error);
	if (beginning == NULL)
		return FALSE;
	for (guint i = 0; i < courier->answered->len; i++) {
		const Delivery *delivery = g_ptr_array_index(courier->answered, i);
		begun_drop(courier->begun, delivery->effect->id);
		heard = heard || !delivery->withdrawn;
		if (!delivery->withdrawn)
			delivery_log(delivery);
	}
	if (heard)
		ring_watchers(courier);
	g_ptr_array_set_size(courier->answered, 0);
	begin_submissions(courier, beginning);
	return TRUE;
}

/* How long nothing can happen by itself. */
static gint64
courier_patience(const Courier *courier)
{
	OutboxClaim claim = courier_claim(courier);
	gint64 at = 0, now = clock_now();
	gint64 paused = courier->paused_until - clock_monotonic();
	if (courier->pause == 0 && courier->login_is_old)
		return submission_pool_busy(courier->pool) > 0 ? LOOK_MS : 0;
	if (courier->pause > 0 && paused > 0)
		return paused / 1000 + 1;
	if (courier_gathers(courier) > 0)
		return courier_gathers(courier);
	if (submission_pool_busy(courier->pool) > 1)
		return DAWDLE_MS;
	/* What is due already waits for a connection, not for a time. */
	if (!outbox_next_time(courier->store, &claim, &at, NULL) || at <= now)
		return LOOK_MS;
	return MIN((at - now) / 1000 + 1, LOOK_MS);
}

/* Wait for an answer, for new replies where one could begin, or for the word to stop. */
static void
courier_wait(const Courier *courier)
{
	gboolean stopping = role_stopping(courier->role);
	struct pollfd fds[] = {
		{ .fd = submission_pool_fd(courier->pool), .events = POLLIN },
		{ .fd = courier_room(courier) > 0 ? courier->role->bells->courier : -1,
		        .events = POLLIN },
		{ .fd = stopping ? -1 : courier->role->stop_fd, .events = POLLIN },
	};
	gint64 wait = CLAMP(courier_patience(courier), 0, PAUSE_MOST);
	role_beat(courier->role, wait);
	if (poll(fds, G_N_ELEMENTS(fds), (int)wait) > 0 &&
	        (fds[1].revents & POLLIN) != 0)
		bell_silence(fds[1].fd);
}

/* Whatever ends us: what is under way is cut short, instead of waited for. */
static int
courier_fail(const Courier *courier, const char *words, const GError *error)
{
	log_error(LOG_LEVEL_ERROR, words, error);
	bell_ring(courier->role->stop_fd);
	return error_exit_status(error);
}

/* Until all that began has its outcome on disk. Its connections know of the word to stop. */
static int
courier_finish(Courier *courier)
{
	g_autoptr(GError) error = NULL;
	while (submission_pool_busy(courier->pool) > 0 || courier->answered->len > 0) {
		if (!courier_turn(courier, &error))
			return courier_fail(courier, "the courier stops", error);
		if (submission_pool_busy(courier->pool) > 0)
			courier_wait(courier);
	}
	return EX_OK;
}

static int
courier_serve(Courier *courier)
{
	while (!role_stopping(courier->role)) {
		g_autoptr(GError) error = NULL;
		courier_renew_login(courier);
		if (courier_turn(courier, &error)) {
			courier_wait(courier);
			continue;
		}
		/* What waiting may mend (locked, disk full) is waited for. */
		if (!g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY))
			return courier_fail(courier, "the courier stops", error);
		log_error(LOG_LEVEL_WARNING, "the store is out of reach", error);
		role_wait(courier->role, -1, PAUSE_FIRST);
	}
	return courier_finish(courier);
}

/* One mail that is at fault itself must not end the pass: a first trouble is waited out. */
static gboolean
courier_gives_up(const Courier *courier)
{
	return role_stopping(courier->role) || courier->pause > PAUSE_FIRST;
}

/* A pass over a few mails is done before their replies go out. Beyond that the courier works
 * beside the watchers, so that no reply waits for the last mail. */
static void
await_work(const Courier *courier)
{
	const Bells *bells = courier->role->bells;
	struct pollfd fds[] = { { .fd = bells->flood, .events = POLLIN },
		{ .fd = bells->finished, .events = POLLIN },
		{ .fd = courier->role->stop_fd, .events = POLLIN } };
	while (poll(fds, G_N_ELEMENTS(fds), -1) <= 0)
		;
}

static int
courier_drain(Courier *courier)
{
	OutboxClaim claim = courier_claim(courier);
	g_autoptr(GError) error = NULL;
	gint64 at = 0;
	while (!courier_gives_up(courier)) {
		courier_renew_login(courier);
		gboolean rested =
		        courier_rests(courier) || courier_needs_login(courier);
		/* asked first: what the watchers added last is seen by this turn then */
		gboolean finished = bell_is_rung(courier->role->bells->finished);
		if (!courier_turn(courier, &error))
			return courier_fail(courier, "the courier stops", error);
		if (finished && !rested && !courier_rests(courier) &&
		        !courier_needs_login(courier) &&
		        submission_pool_busy(courier->pool) == 0)
			break;
		courier_wait(courier);
	}
	int status = courier_finish(courier);
	if (status != EX_OK)
		return status;
	if (!outbox_next_time(courier->store, &claim, &at, &error))
		return courier_fail(courier, "the courier stops", error);
	return at == 0 ? EX_OK : EX_TEMPFAIL;
}

static gboolean
courier_open(Courier *courier, GError **error)
{
	const Settings *settings = courier->role->settings;
	guint connections = settings->smtp.connections;
	courier->store = store_open(settings->state, STORE_CREATE, error);
	if (courier->store == NULL || !store_lease(courier->store, "courier", error))
		return FALSE;
	courier->credential =
	        credential_new(&settings->smtp.server, courier->role->stop_fd);
	courier->endpoint = credential_log_in(courier->credential, error);
	courier->begun = begun_open(settings->state, connections * IN_HAND, error);
	if (courier->endpoint == NULL || courier->begun == NULL)
		return FALSE;
	Recovery recovery = { .store = courier->store,
		.settings = settings,
		.begun = courier->begun,
		.claim = courier_claim(courier),
		.resend = settings->smtp.resend_unknown };
	gboolean found = FALSE;
	if (!recovery_run(&recovery, &found, error))
		return FALSE;
	if (found)
		ring_watchers(courier);
	courier->pace = pace_new(connections);
	courier->chosen = g_ptr_array_new_with_free_func(g_free);
	courier->answered =
	        g_ptr_array_new_with_free_func((GDestroyNotify)delivery_free);
	courier->pool = submission_pool_new(courier->endpoint, connections);
	return TRUE;
}

int
courier_run(Role *role, gboolean once)
{
	g_autoptr(GError) error = NULL;
	g_auto(Courier) courier = { .role = role };
	courier.owner = g_strdup_printf(
	        "%s/courier/%d", role->settings->instance, (int)getpid());
	role->stop_fd = role_begin();
	if (!courier_open(&courier, &error))
		return courier_fail(&courier, "the courier cannot start", error);
	if (once) {
		await_work(&courier);
		return courier_drain(&courier);
	}
	tallying_start(courier.store, "courier", "");
	return courier_serve(&courier);
}
