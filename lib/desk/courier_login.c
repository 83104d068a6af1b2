#include "desk/courier_core.h"

#include "base/clock.h"
#include "base/log.h"

gboolean
courier_rests(const Courier *courier)
{
	return role_stopping(courier->role) ||
	       (courier->pause > 0 && clock_monotonic() < courier->paused_until);
}

OutboxClaim
courier_claim(const Courier *courier)
{
	return (OutboxClaim){ .kinds = EFFECTS_OF_COURIER, .owner = courier->owner };
}

gboolean
courier_renews_token(Courier *courier)
{
	if (!credential_forget_refused(courier->credential))
		return courier->pause == 0 && courier->login_is_old;
	log_line(LOG_LEVEL_DEBUG, "the token was refused, fetching another", NULL);
	courier->login_is_old = TRUE;
	return TRUE;
}

gboolean
courier_needs_login(const Courier *courier)
{
	OutboxClaim claim = courier_claim(courier);
	gint64 at = 0;
	gboolean old =
	        courier->login_is_old || credential_has_expired(courier->credential);
	return old && outbox_next_time(courier->store, &claim, &at, NULL) && at != 0 &&
	       at <= clock_now();
}

/* Without a credential nothing can go out: the server is left alone meanwhile. */
static void
pause_without_login(Courier *courier, const GError *error)
{
	courier->pause =
	        courier->pause == 0 ? PAUSE_FIRST : MIN(courier->pause * 2, PAUSE_MOST);
	courier->paused_until = clock_monotonic() + courier->pause * 1000;
	log_error(LOG_LEVEL_WARNING, "the credential cannot be read anew", error);
}

void
courier_renew_login(Courier *courier)
{
	const SmtpSettings *smtp = &courier->role->settings->smtp;
	g_autoptr(GError) error = NULL;
	if (courier_rests(courier) || submission_pool_busy(courier->pool) > 0 ||
	        !courier_needs_login(courier))
		return;
	courier->login_is_old = TRUE;
	Endpoint *endpoint = credential_log_in(courier->credential, &error);
	if (endpoint == NULL) {
		pause_without_login(courier, error);
		return;
	}
	courier->login_is_old = FALSE;
	submission_pool_free(courier->pool);
	endpoint_free(courier->endpoint);
	courier->endpoint = endpoint;
	courier->pool = submission_pool_new(endpoint, smtp->connections);
}
