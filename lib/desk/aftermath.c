#include "desk/aftermath.h"

#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "store/conversation.h"
#include "store/outbox_admin.h"

static gboolean
queue(const Intake *intake, const Aftermath *aftermath, EffectKind kind,
        const char *payload, GError **error)
{
	const Settings *settings = intake->role->settings;
	g_autoptr(GBytes) bytes = g_bytes_new(payload, strlen(payload));
	g_autofree char *id = note_id_sign(store_secret(intake->store), aftermath->mail,
	        address_domain(settings->identity.address));
	Effect effect = { .mail = aftermath->mail,
		.conversation = aftermath->conversation,
		.kind = kind,
		.place = *aftermath->place,
		.message_id = id,
		.next_at = EFFECT_AFTER_OUTCOME,
		.payload = bytes };
	return outbox_add(intake->store, &effect, clock_now(), NULL, error);
}

/* The folder that an earlier mail goes or went to; *folder NULL: it stays. */
static gboolean
folder_of(Store *store, gint64 mail, char **folder, GError **error)
{
	g_autoptr(GPtrArray) effects = outbox_list(store, mail, error);
	for (guint i = 0; effects != NULL && i < effects->len; i++) {
		const Effect *effect = g_ptr_array_index(effects, i);
		if (effect->kind != EFFECT_MOVE || effect->state == EFFECT_REFUSED ||
		        effect->state == EFFECT_CANCELLED)
			continue;
		g_autoptr(Effect) whole = outbox_get(store, effect->id, error);
		if (whole == NULL)
			return FALSE;
		g_free(*folder);
		*folder = effect_text(whole);
	}
	return effects != NULL;
}

/* The mail that began the conversation; 0: this one did, or there is none. */
static gboolean
find_root(Store *store, const Aftermath *aftermath, gint64 *root, GError **error)
{
	*root = 0;
	if (aftermath->conversation == 0 || aftermath->begins)
		return TRUE;
	g_autoptr(Conversation) conversation =
	        conversation_get(store, aftermath->conversation, error);
	if (conversation != NULL && conversation->root != aftermath->mail)
		*root = conversation->root;
	return conversation != NULL;
}

/* Where the mail goes: to the others of its ticket, else where its class goes. */
static gboolean
find_folder(
        const Intake *intake, const Aftermath *aftermath, char **folder, GError **error)
{
	const Catalogue *catalogue = intake->role->catalogue;
	const Class *class = aftermath->class != NULL
	                             ? catalogue_find(catalogue, aftermath->class)
	                             : NULL;
	gint64 root;
	*folder = NULL;
	if (!find_root(intake->store, aftermath, &root, error))
		return FALSE;
	if (root != 0)
		return folder_of(intake->store, root, folder, error);
	if (class != NULL)
		*folder = g_strdup(catalogue_folder(catalogue, class));
	if (g_strcmp0(*folder, intake->mailbox->folder) == 0)
		g_clear_pointer(folder, g_free);
	return TRUE;
}

gboolean
aftermath_queue(const Intake *intake, const Aftermath *aftermath, GError **error)
{
	const MailboxSettings *mailbox = intake->mailbox;
	g_autofree char *folder = NULL;
	if (intake->role->settings->mode == MODE_OBSERVE || aftermath->backlog)
		return TRUE;
	if (!find_folder(intake, aftermath, &folder, error))
		return FALSE;
	gboolean noted = mailbox->note == NOTE_FOLDER && aftermath->conversation != 0;
	if (mailbox->handover == NULL && folder == NULL && !noted)
		return TRUE;
	return (mailbox->handover == NULL || queue(intake, aftermath, EFFECT_HANDOVER,
	                                             mailbox->handover, error)) &&
	       (folder == NULL ||
	               queue(intake, aftermath, EFFECT_MOVE, folder, error)) &&
	       (!noted || queue(intake, aftermath, EFFECT_NOTE, "", error)) &&
	       outbox_ripen(intake->store, aftermath->mail, clock_now(), error);
}
