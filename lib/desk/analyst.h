/*
 * Analysts: the processes that read mail, and the pool a watcher keeps of them.
 *
 * The pool's nursery is forked before the watcher reads its credential, so that no analyst
 * has ever seen one; it forks a fresh analyst, already holding the compiled catalogue,
 * whenever one is asked for. A mail whose analyst dies is given to one more; if that dies
 * too, or takes longer than analyse_seconds, the mail has lost its analysis.
 *
 * Surprising rule: nothing here waits but analyst_pool_attend() and analyst_pool_drain(). Each
 * analyst has some mails in its hands, so that it reads on while the watcher does other
 * things; the caller bounds how many bytes it puts.
 */
#pragma once

#include <glib.h>

#include "triage/analyse.h"

/* What became of one mail. */
typedef struct {
	guint64 ticket; /* the caller's own number */
	GBytes *bytes;  /* the mail; borrowed */
	Case *kase;     /* or NULL: see failure; the callback may take it */
	char *failure; /* "the analyst died (signal 11)", "not a mail: ..."; NULL on success */
	gint64 took;   /* microseconds */
	gboolean died; /* its analysts crashed or hung: keep the bytes in quarantine */
} Analysis;

typedef void (*AnalysisDone)(Analysis *analysis, gpointer data);

typedef struct AnalystPool AnalystPool;

/* Fork the nursery and count analysts. done is called from put(), attend() and drain(). */
AnalystPool *analyst_pool_start(const AnalyseContext *context, guint count,
        AnalysisDone done, gpointer data, GError **error);
void analyst_pool_free(AnalystPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AnalystPool, analyst_pool_free)

/* Whether the nursery has died: nothing can be analysed any more, and only a process that
 * has not read its credential yet may start another. */
gboolean analyst_pool_is_lost(const AnalystPool *pool);

/* Queue a mail for the analysts. */
gboolean analyst_pool_put(AnalystPool *pool, guint64 ticket, GBytes *bytes,
        gboolean truncated, gint64 received, GError **error);

/* Take what the analysts have said, and hand them what waits; wait: until one of them says
 * something, dies or runs out of time, if any has something to do. */
gboolean analyst_pool_attend(AnalystPool *pool, gboolean wait, GError **error);

/* Wait until every mail that was put is done. */
gboolean analyst_pool_drain(AnalystPool *pool, GError **error);
