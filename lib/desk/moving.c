#include "desk/moving.h"

#include "base/crash_point.h"
#include "base/digest.h"
#include "base/errors.h"
#include "net/folder.h"
#include "net/visit.h"
#include "store/journal.h"

#define TWINS_MAX 20 /* mails of one Message-ID that are compared */

/* A mail looked for in a folder, by the hash of its bytes. */
typedef struct {
	const char *message_id;
	const char *sha256;
	gsize max_bytes; /* as many of a mail as were hashed */
	guint32 uid;     /* 0: not found */
} Twin;

static gboolean
compare(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Twin *twin = data;
	(void)truncated;
	g_autofree char *hash = digest_sha256_bytes(bytes);
	if (g_str_equal(hash, twin->sha256))
		twin->uid = info->uid;
	return twin->uid == 0;
}

static gboolean
look_for_twin(Mailbox *mailbox, gpointer data, GError **error)
{
	Twin *twin = data;
	g_autoptr(GArray) uids = mailbox_search_header(
	        mailbox, NULL, "Message-ID", twin->message_id, error);
	if (uids == NULL)
		return FALSE;
	guint first = uids->len > TWINS_MAX ? uids->len - TWINS_MAX : 0;
	MailboxRequest request = { .uids = &g_array_index(uids, guint32, first),
		.count = uids->len - first,
		.max_bytes = twin->max_bytes };
	return uids->len == 0 || mailbox_fetch(mailbox, &request, compare, twin, error);
}

/* *copy: where the mail stands in the folder; uid 0: it does not, or has no Message-ID. */
static gboolean
find_twin(Effects *effects, const JournalMail *mail, const char *folder,
        MailboxCopy *copy, GError **error)
{
	Twin twin = { .message_id = mail->message_id,
		.sha256 = mail->sha256,
		.max_bytes = effects->role->settings->limits.message_bytes };
	Visit visit = { .folder = folder, .work = look_for_twin, .data = &twin };
	*copy = (MailboxCopy){ 0, 0 };
	if (mail->message_id == NULL)
		return TRUE;
	if (!mailbox_visit(effects->mailbox, &visit, error))
		return FALSE;
	if (twin.uid != 0)
		*copy = (MailboxCopy){ visit.uidvalidity, twin.uid };
	return TRUE;
}

static gboolean
move(Effects *effects, guint32 uid, const char *folder, MailboxCopy *copy,
        GError **error)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof uid);
	g_array_append_val(uids, uid);
	crash_point("imap-move-before");
	gboolean done = mailbox_move(effects->mailbox, uids, folder, copy, error);
	crash_point("imap-move-after");
	return done;
}

/* Whether the mail is where it is to be moved from; *there. */
static gboolean
is_at(Effects *effects, const Place *place, gboolean *there, GError **error)
{
	*there = FALSE;
	if (g_strcmp0(place->folder, effects->settings->folder) != 0 ||
	        place->uidvalidity != mailbox_state(effects->mailbox)->uidvalidity)
		return TRUE;
	return mailbox_has(effects->mailbox, place->uid, there, error);
}

static gboolean
move_or_find(Effects *effects, const Effect *effect, const JournalMail *mail,
        const char *folder, MailboxCopy *copy, GError **error)
{
	gboolean there = FALSE, again = effect->attempts > 0;
	if (!is_at(effects, &mail->place, &there, error))
		return FALSE;
	if (again && !find_twin(effects, mail, folder, copy, error))
		return FALSE;
	if (there && copy->uid != 0)
		return mailbox_remove(effects->mailbox, mail->place.uid, error);
	if (there && !move(effects, mail->place.uid, folder, copy, error))
		return FALSE;
	if (there && copy->uid == 0)
		return find_twin(effects, mail, folder, copy, error);
	if (there || copy->uid != 0)
		return TRUE;
	g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT,
	        "the mail is no longer there to be moved");
	return FALSE;
}

gboolean
moving_run(Effects *effects, const Effect *effect, Place *place, GError **error)
{
	MailboxCopy copy = { 0, 0 };
	g_autofree char *folder = effect_text(effect);
	g_autoptr(JournalMail) mail = journal_get(effects->store, effect->mail, error);
	if (mail == NULL || !move_or_find(effects, effect, mail, folder, &copy, error))
		return FALSE;
	if (copy.uid == 0)
		return TRUE;
	*place = (Place){ .mailbox = g_strdup(effects->settings->name),
		.folder = g_steal_pointer(&folder),
		.uidvalidity = copy.uidvalidity,
		.uid = copy.uid };
	return TRUE;
}
