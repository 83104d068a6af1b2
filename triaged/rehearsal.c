#include "triaged/rehearsal.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/digest.h"
#include "desk/reply.h"
#include "triage/analyse.h"
#include "triage/decide.h"

#define TICKET_CHARS 6
#define ID_CHARS 20

/* Nobody can take these for a helpdesk's own. */
#define EXAMPLE_NAME "[identity.name]"
#define EXAMPLE_ADDRESS "identity@example.invalid"

static Settings
dressed_settings(const Settings *settings)
{
	static char name[] = EXAMPLE_NAME, address[] = EXAMPLE_ADDRESS;
	Settings dressed = *settings;
	if (dressed.identity.address == NULL) {
		dressed.identity.name = name;
		dressed.identity.address = address;
	}
	return dressed;
}

/* The head of a hash in the letters that tickets are made of (Crockford's base32). */
static char *
letters_of(const char *hash, guint count)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char *word = g_malloc0(count + 1);
	for (guint i = 0; i < count; i++) {
		guint value = (guint)(g_ascii_xdigit_value(hash[2 * i]) << 4 |
		                      g_ascii_xdigit_value(hash[2 * i + 1]));
		word[i] = letters[value % 32];
	}
	return word;
}

static void
make_ids(Rehearsal *rehearsal, const Workbench *workbench, GBytes *mail)
{
	const Settings dressed = dressed_settings(workbench->settings);
	g_autofree char *hash = digest_sha256_bytes(mail);
	g_autofree char *number = letters_of(hash, TICKET_CHARS);
	g_autofree char *id = letters_of(hash, ID_CHARS);
	rehearsal->ticket = rehearsal->kase->ticket_token != NULL
	                            ? g_strdup(rehearsal->kase->ticket_token)
	                            : g_strconcat("TR-", number, NULL);
	rehearsal->message_id = g_strdup_printf("<%s.0.%s@%s>", rehearsal->ticket, id,
	        address_domain(dressed.identity.address));
}

Rehearsal *
rehearsal_new(const Workbench *workbench, GBytes *mail, GError **error)
{
	const History none = { 0 };
	const AnalyseContext context = { .catalogue = workbench->catalogue,
		.settings = workbench->settings };
	g_autoptr(Rehearsal) rehearsal = g_new0(Rehearsal, 1);
	rehearsal->kase = analyse(mail, &context, error);
	if (rehearsal->kase == NULL)
		return NULL;
	rehearsal->plan = decide(
	        rehearsal->kase, workbench->catalogue, workbench->settings, &none);
	make_ids(rehearsal, workbench, mail);
	return g_steal_pointer(&rehearsal);
}

void
rehearsal_free(Rehearsal *rehearsal)
{
	if (rehearsal == NULL)
		return;
	case_free(rehearsal->kase);
	plan_free(rehearsal->plan);
	g_free(rehearsal->ticket);
	g_free(rehearsal->message_id);
	g_free(rehearsal);
}

gboolean
rehearsal_replies(const Rehearsal *rehearsal)
{
	switch (rehearsal->plan->action) {
	case REPLY_SEND:
	case REPLY_DRAFT: return TRUE;
	case REPLY_HOLD:
	case REPLY_SUPPRESS: return FALSE;
	}
	return FALSE;
}

/* The reply leaves the moment the mail arrives; a mail without any date arrives now. */
static ReplyStamp
stamp_of(const Rehearsal *rehearsal)
{
	const Case *kase = rehearsal->kase;
	return (ReplyStamp){ .message_id = rehearsal->message_id,
		.ticket = rehearsal->ticket,
		.now = kase->arrival != 0 ? kase->arrival
		                          : clock_now() / G_USEC_PER_SEC,
		.utc_offset_minutes = kase->utc_offset_minutes,
		.follow_up = kase->ticket_token != NULL };
}

GBytes *
rehearsal_reply(const Rehearsal *rehearsal, const Workbench *workbench, GError **error)
{
	const Settings dressed = dressed_settings(workbench->settings);
	const ReplyStamp stamp = stamp_of(rehearsal);
	return reply_compose(rehearsal->kase, rehearsal->plan, workbench->catalogue,
	        &dressed, &stamp, error);
}

char *
rehearsal_text(const Rehearsal *rehearsal, const Workbench *workbench, GError **error)
{
	const Settings dressed = dressed_settings(workbench->settings);
	const ReplyStamp stamp = stamp_of(rehearsal);
	return reply_text(rehearsal->kase, rehearsal->plan, workbench->catalogue,
	        &dressed, &stamp, error);
}
