#include "desk/housekeeping.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/erasure.h"
#include "store/quarantine.h"
#include "store/upkeep.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define ERASE_PAUSE (3600 * SECOND) /* between two runs */
#define BATCH 50                    /* mails erased in one round */
#define LOG_PAUSE (5 * SECOND)      /* between two looks at the log */
#define LOG_PAUSE_IN_VAIN (60 * SECOND)
#define EMPTY_MS 1000 /* waited for readers */

/* The end of a run: its words, and the log without what was erased. */
static void
end_run(Housekeeping *housekeeping, Store *store, guint removed)
{
	g_autofree char *mails = g_strdup_printf("%u", housekeeping->erased);
	g_autofree char *files = g_strdup_printf("%u", removed);
	gboolean emptied;
	if (housekeeping->erased > 0 || removed > 0)
		log_line(LOG_LEVEL_NOTICE, "old mails were erased from the journal",
		        "mails", mails, "quarantined", files, NULL);
	if (housekeeping->erased > 0)
		store_empty_log(store, EMPTY_MS, &emptied, NULL);
	housekeeping->erased = 0;
}

static void
erase_old(Housekeeping *housekeeping, const Role *role, Store *store)
{
	guint days = role->settings->retention_days, erased = 0;
	gint64 before = days > 0 ? clock_now() - days * G_TIME_SPAN_DAY : 0;
	gint64 begun = clock_monotonic();
	g_autoptr(GError) error = NULL;
	if (begun < housekeeping->erase_at)
		return;
	do {
		if (!erasure_round(store, before, BATCH, clock_now(), &erased, &error))
			log_error(
			        LOG_LEVEL_WARNING, "old mails cannot be erased", error);
		housekeeping->erased += erased;
	} while (
	        error == NULL && erased == BATCH && clock_monotonic() < begun + SECOND);
	if (error == NULL && erased == BATCH)
		return;
	housekeeping->erase_at = clock_monotonic() + ERASE_PAUSE;
	end_run(housekeeping, store, quarantine_clean(store, before, NULL));
}

static void
watch_log(Housekeeping *housekeeping, Store *store)
{
	gboolean emptied = TRUE;
	gint64 bytes = store_log_bytes(store), now = clock_monotonic();
	if (now < housekeeping->log_at)
		return;
	if (bytes > LOG_BYTES_MOST)
		store_empty_log(store, EMPTY_MS, &emptied, NULL);
	housekeeping->log_at = now + (emptied ? LOG_PAUSE : LOG_PAUSE_IN_VAIN);
	if (!emptied && !housekeeping->told) {
		g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT, bytes);
		log_line(LOG_LEVEL_WARNING,
		        "the store's log cannot be emptied: a process reads for long",
		        "bytes", size, NULL);
	}
	housekeeping->told = !emptied;
}

void
housekeeping_do(Housekeeping *housekeeping, const Role *role, Store *store)
{
	erase_old(housekeeping, role, store);
	watch_log(housekeeping, store);
}
