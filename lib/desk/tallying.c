#include "desk/tallying.h"

#include "base/clock.h"

gboolean
tallying_failure(const Intake *intake, const Arrival *arrival, GError **error)
{
	const char *how = arrival->unfetched ? "unfetched"
	                  : arrival->died    ? "died"
	                                     : "unread";
	return tally_add(intake->store, TALLY_FAILURE, how, NULL, error) &&
	       tallying_analysis(intake, arrival, error);
}

gboolean
tallying_analysis(const Intake *intake, const Arrival *arrival, GError **error)
{
	return arrival->took == 0 ||
	       tally_add_time(intake->store, TALLY_ANALYSIS, arrival->took, error);
}

gboolean
tallying_pickup(const Intake *intake, const Arrival *arrival, GError **error)
{
	gint64 waited = clock_now() - arrival->internaldate * G_USEC_PER_SEC;
	return arrival->internaldate == 0 ||
	       tally_add_time(intake->store, TALLY_PICKUP, waited, error);
}

static void
count_alone(Store *store, TallyName name, const char *role, const char *mailbox)
{
	if (store == NULL || !store_begin(store, NULL))
		return;
	if (!tally_add(store, name, role, mailbox, NULL) || !store_commit(store, NULL))
		store_rollback(store);
}

void
tallying_start(Store *store, const char *role, const char *mailbox)
{
	count_alone(store, TALLY_START, role, mailbox);
}

void
tallying_outage(Store *store, const char *role, const char *mailbox)
{
	count_alone(store, TALLY_OUTAGE, role, mailbox);
}
