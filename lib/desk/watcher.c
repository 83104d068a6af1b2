#include "desk/watcher.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/corrections.h"
#include "desk/credential.h"
#include "desk/effects.h"
#include "desk/housekeeping.h"
#include "desk/sync.h"
#include "desk/tallying.h"
#include "store/note.h"
#include "store/outbox.h"

#define BACKOFF_FIRST 1000       /* ms before the second try to connect */
#define BACKOFF_MOST (60 * 1000) /* ms between tries at most */
#define PASS_TRIES                                                                     \
	(2 * SUSPECT_TRIES) /* connections of one pass that bring it no further */

typedef struct {
	Role *role;
	const MailboxSettings *settings;
	WatchKind kind;
	int bell;
	char *owner;
	Store *store; /* NULL in a dry run */
	Credential *credential;
	Endpoint *endpoint;
	Sync sync;
	Effects effects;
	Corrections corrections;
	Housekeeping housekeeping;
	gboolean told_down; /* the present outage is logged already */
} Watcher;

static void
watcher_clear(Watcher *watcher)
{
	effects_clear(&watcher->effects);
	sync_clear(&watcher->sync);
	endpoint_free(watcher->endpoint);
	credential_free(watcher->credential);
	store_close(watcher->store);
	g_free(watcher->owner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Watcher, watcher_clear)

/* Status facts decide nothing: a failure to write one is not worth a word. */
static void
watcher_note(Watcher *watcher, const char *key, const char *value)
{
	g_autofree char *scope = g_strdup_printf("mailbox/%s", watcher->settings->name);
	if (watcher->store == NULL)
		return;
	if (!store_begin(watcher->store, NULL))
		return;
	if (!note_set(watcher->store, scope, key, value, clock_now(), NULL) ||
	        !store_commit(watcher->store, NULL))
		store_rollback(watcher->store);
}

static void
note_success(Watcher *watcher, Mailbox *mailbox)
{
	const MailboxState *state = mailbox_state(mailbox);
	watcher_note(watcher, "last-error", NULL);
	watcher_note(watcher, "last-success", "in step with the server");
	if (watcher->told_down)
		log_line(LOG_LEVEL_NOTICE, "the mailbox is back", "mailbox",
		        watcher->settings->name, NULL);
	watcher->told_down = FALSE;
	if (!state->keywords_allowed && !watcher->effects.keywords_reported)
		log_line(LOG_LEVEL_DEBUG, "PERMANENTFLAGS without \\*", "mailbox",
		        watcher->settings->name, NULL);
}

/* New mail, batch by batch, each with its tags: what an agent looks at during a flood is
 * tagged soon. The courier's outcomes, which come all the time then, keep no mail waiting. */
static gboolean
watcher_sync(Watcher *watcher, Mailbox *mailbox, GError **error)
{
	gboolean more = TRUE, busy = TRUE;
	while ((more || busy) && !role_stopping(watcher->role)) {
		if ((more || mailbox_has_new_mail(mailbox)) &&
		        !sync_step(&watcher->sync, mailbox, &more, error))
			return FALSE;
		if (more && !watcher->sync.suspect.singly)
			bell_ring(watcher->role->bells->flood);
		/* Mail by mail, a commit and a round trip for each one's tags would be
		 * too many. */
		if (more && watcher->sync.suspect.singly)
			continue;
		if (!effects_run_some(&watcher->effects, &busy, error))
			return FALSE;
	}
	return TRUE;
}

/* One round of work: new mail, then what the outbox holds for this mailbox. */
static gboolean
watcher_work(Watcher *watcher, Mailbox *mailbox, GError **error)
{
	switch (watcher->kind) {
	case WATCH_DRY: return sync_print(&watcher->sync, mailbox, error);
	case WATCH_EFFECTS: return effects_run(&watcher->effects, error);
	case WATCH_SERVICE:
	case WATCH_ONCE:
		if (!corrections_look(&watcher->corrections, mailbox, error))
			return FALSE;
		/* A mail that breaks the connection must not keep the others' tags from
		 * them. */
		if (watcher->sync.suspect.singly &&
		        !effects_run(&watcher->effects, error))
			return FALSE;
		return watcher_sync(watcher, mailbox, error);
	}
	return FALSE;
}

/* How long to wait for news: until the poll, or until a delayed effect is due. */
static gint64
watcher_patience(const Watcher *watcher)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_WATCHER,
		.mailbox = watcher->settings->name };
	gint64 poll = (gint64)watcher->settings->poll_seconds * 1000, at = 0;
	if (!outbox_next_time(watcher->store, &claim, &at, NULL) || at == 0)
		return poll;
	return CLAMP((at - clock_now()) / 1000, 0, poll);
}

static gboolean
watcher_wait(Watcher *watcher, Mailbox *mailbox, GError **error)
{
	struct pollfd others[] = { { .fd = watcher->bell, .events = POLLIN },
		{ .fd = watcher->role->stop_fd, .events = POLLIN } };
	gint64 patience = watcher_patience(watcher);
	role_beat(watcher->role, patience);
	MailboxEvents events = mailbox_idle(mailbox, watcher->settings->idle, others,
	        G_N_ELEMENTS(others), patience, error);
	if (events == 0)
		return FALSE;
	if ((events & MAILBOX_OTHER_FD) != 0)
		bell_silence(watcher->bell);
	return TRUE;
}

/* One watcher does it for all. */
static void
keep_house(Watcher *watcher)
{
	const GPtrArray *mailboxes = watcher->role->settings->mailboxes;
	if (watcher->store != NULL && watcher->kind != WATCH_EFFECTS &&
	        g_ptr_array_index(mailboxes, 0) == watcher->settings)
		housekeeping_do(&watcher->housekeeping, watcher->role, watcher->store);
}

/* Work over one connection until it ends, or there is nothing more to do. */
static gboolean
watcher_work_on(Watcher *watcher, Mailbox *mailbox, GError **error)
{
	while (!role_stopping(watcher->role)) {
		role_beat(watcher->role, 0);
		if (!watcher_work(watcher, mailbox, error))
			return FALSE;
		note_success(watcher, mailbox);
		keep_house(watcher);
		if (watcher->kind != WATCH_SERVICE)
			return TRUE;
		if (!watcher_wait(watcher, mailbox, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
watcher_connected(Watcher *watcher, Mailbox *mailbox, GError **error)
{
	watcher->effects.mailbox = mailbox;
	sync_begin(&watcher->sync);
	gboolean done = watcher_work_on(watcher, mailbox, error);
	effects_settle(&watcher->effects);
	return done;
}

/* A password is read for each connection: it may have been changed. */
static Mailbox *
watcher_log_in(Watcher *watcher, GError **error)
{
	const char *folder = watcher->settings->folder;
	g_clear_pointer(&watcher->endpoint, endpoint_free);
	watcher->endpoint = credential_log_in(watcher->credential, error);
	if (watcher->endpoint == NULL)
		return NULL;
	Mailbox *mailbox = watcher->kind == WATCH_DRY
	                           ? mailbox_examine(watcher->endpoint, folder, error)
	                           : mailbox_open(watcher->endpoint, folder, error);
	if (mailbox != NULL)
		credential_accept(watcher->credential);
	return mailbox;
}

/* A token that was good until now may be revoked or have expired early: a new one is fetched,
 * once, and nobody is troubled. */
static gboolean
watcher_session(Watcher *watcher, GError **error)
{
	g_autoptr(GError) refused = NULL;
	g_autoptr(Mailbox) mailbox = watcher_log_in(watcher, &refused);
	if (mailbox == NULL && credential_forget_refused(watcher->credential)) {
		log_error(LOG_LEVEL_DEBUG, "the token was refused, fetching another",
		        refused);
		g_clear_error(&refused);
		mailbox = watcher_log_in(watcher, &refused);
		credential_forget_refused(watcher->credential);
	}
	if (mailbox == NULL) {
		g_propagate_error(error, g_steal_pointer(&refused));
		return FALSE;
	}
	return watcher_connected(watcher, mailbox, error);
}

/* Say an outage once, at its beginning. */
static void
report_outage(Watcher *watcher, const GError *error)
{
	if (role_stopping(watcher->role))
		return;
	watcher_note(watcher, "last-error", error->message);
	log_line(watcher->told_down ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
	        "the mailbox is out of reach, trying again", "mailbox",
	        watcher->settings->name, "error", error->message, NULL);
	if (!watcher->told_down)
		tallying_outage(watcher->store, "watcher", watcher->settings->name);
	watcher->told_down = TRUE;
}

static gboolean
is_fatal(const GError *error)
{
	return error->domain != TRIAGED_ERROR || error->code == ERROR_STORE;
}

/* Its mails are done by the next watcher, who starts analysts before it logs in. */
static gboolean
analysts_are_lost(const Watcher *watcher)
{
	const AnalystPool *analysts = watcher->sync.reading.analysts;
	return analysts != NULL && analyst_pool_is_lost(analysts);
}

/* Through every outage, with growing pauses; what ends it is a store that is not safe, or
 * the loss of all analysts. */
static int
watcher_serve(Watcher *watcher)
{
	gint64 pause = BACKOFF_FIRST;
	while (!role_stopping(watcher->role)) {
		g_autoptr(GError) error = NULL;
		role_beat(watcher->role, 0);
		gint64 started = clock_monotonic();
		guint batches = watcher->sync.batches;
		if (watcher_session(watcher, &error))
			continue;
		if (is_fatal(error) || analysts_are_lost(watcher)) {
			log_error(LOG_LEVEL_ERROR, "the watcher stops", error);
			return error_exit_status(error);
		}
		report_outage(watcher, error);
		keep_house(watcher);
		if (watcher->sync.batches != batches ||
		        clock_monotonic() - started > BACKOFF_MOST * 1000)
			pause = BACKOFF_FIRST;
		role_wait(watcher->role, -1, pause);
		pause = MIN(pause * 2, BACKOFF_MOST);
	}
	return EX_OK;
}

/* Whether the connection may have broken on one bad mail: one that was asked for by itself, or
 * one that was read ahead. */
static gboolean
may_be_one_mail(const Sync *sync)
{
	return sync->suspect.singly || sync->cautious;
}

/* Until all is done that can be done now. A connection that broke on one bad mail is opened
 * again to pass it: as often as that brings the pass on, and some times more. */
static gboolean
watcher_persist(Watcher *watcher, GError **error)
{
	guint tries = 0, batches = watcher->sync.batches;
	while (!watcher_session(watcher, error)) {
		if (watcher->sync.batches != batches)
			tries = 0;
		batches = watcher->sync.batches;
		if (is_fatal(*error) || analysts_are_lost(watcher) ||
		        !may_be_one_mail(&watcher->sync) ||
		        role_stopping(watcher->role) || ++tries >= PASS_TRIES)
			return FALSE;
		g_clear_error(error);
	}
	return TRUE;
}

/* EX_TEMPFAIL when effects are left; *idle: there is nothing to do for them now. */
static int
effects_left(const Watcher *watcher, gboolean *idle)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_WATCHER,
		.mailbox = watcher->settings->name };
	gint64 at = 0;
	*idle = watcher->store != NULL &&
	        outbox_next_time(watcher->store, &claim, &at, NULL) &&
	        (at == 0 || at > clock_now());
	return at == 0 ? EX_OK : EX_TEMPFAIL;
}

static int
watcher_pass(Watcher *watcher)
{
	g_autoptr(GError) error = NULL;
	gboolean idle;
	int left = effects_left(watcher, &idle);
	if (watcher->kind == WATCH_EFFECTS && idle)
		return left;
	if (watcher_persist(watcher, &error))
		return watcher->kind == WATCH_EFFECTS ? effects_left(watcher, &idle)
		                                      : EX_OK;
	watcher_note(watcher, "last-error", error->message);
	log_line(LOG_LEVEL_ERROR, "the pass over the mailbox failed", "mailbox",
	        watcher->settings->name, "error", error->message, NULL);
	return error_exit_status(error);
}

/* Analysts first: they must never have seen the credential, nor the store. */
static gboolean
watcher_open(Watcher *watcher, const AnalyseContext *context, GError **error)
{
	const Settings *settings = watcher->role->settings;
	watcher->sync = (Sync){ .role = watcher->role, .settings = watcher->settings };
	Reading *reading = &watcher->sync.reading;
	reading->role = watcher->role;
	if (watcher->kind != WATCH_EFFECTS) {
		reading->analysts = analyst_pool_start(context, settings->analysts,
		        reading_take_answer, reading, error);
		if (reading->analysts == NULL)
			return FALSE;
	}
	if (watcher->kind != WATCH_DRY) {
		g_autofree char *job =
		        g_strdup_printf("watcher/%s", watcher->settings->name);
		watcher->store = store_open(settings->state, STORE_CREATE, error);
		if (watcher->store == NULL || !store_lease(watcher->store, job, error))
			return FALSE;
	}
	watcher->sync.store = reading->store = watcher->store;
	watcher->corrections = (Corrections){ .role = watcher->role,
		.settings = watcher->settings,
		.store = watcher->store };
	watcher->effects = (Effects){ .role = watcher->role,
		.settings = watcher->settings,
		.store = watcher->store,
		.owner = watcher->owner };
	watcher->sync.effects = &watcher->effects;
	return TRUE;
}

/* What a dead predecessor had in hand is done again. */
static gboolean
watcher_recover(Watcher *watcher, GError **error)
{
	if (watcher->store == NULL)
		return TRUE;
	OutboxClaim claim = { .kinds = EFFECTS_OF_WATCHER,
		.mailbox = watcher->settings->name,
		.owner = watcher->owner };
	if (!store_begin(watcher->store, error))
		return FALSE;
	g_autoptr(GPtrArray) unknown =
	        outbox_recover(watcher->store, &claim, FALSE, clock_now(), error);
	if (unknown != NULL && store_commit(watcher->store, error))
		return TRUE;
	store_rollback(watcher->store);
	return FALSE;
}

int
watcher_run(Role *role, guint index, WatchKind kind)
{
	g_autoptr(GError) error = NULL;
	g_auto(Watcher) watcher = { .role = role,
		.settings = g_ptr_array_index(role->settings->mailboxes, index),
		.kind = kind,
		.bell = role->bells->watchers[index] };
	watcher.owner = g_strdup_printf("%s/watcher/%s/%d", role->settings->instance,
	        watcher.settings->name, (int)getpid());
	AnalyseContext context = { .catalogue = role->catalogue,
		.settings = role->settings };
	role->stop_fd = role_begin();
	watcher.credential = credential_new(&watcher.settings->imap, role->stop_fd);
	if (!watcher_open(&watcher, &context, &error) ||
	        !watcher_recover(&watcher, &error)) {
		log_line(LOG_LEVEL_ERROR, "the watcher cannot start", "mailbox",
		        watcher.settings->name, "error", error->message, NULL);
		return error_exit_status(error);
	}
	if (kind != WATCH_SERVICE)
		return watcher_pass(&watcher);
	tallying_start(watcher.store, "watcher", watcher.settings->name);
	return watcher_serve(&watcher);
}
