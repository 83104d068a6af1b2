#include "desk/appending.h"

#include "base/crash_point.h"
#include "base/errors.h"
#include "net/folder.h"

static const char *const draft_flags[] = { "\\Draft", NULL };
static const char *const sent_flags[] = { "\\Seen", NULL };

/* The folder for drafts or copies: the setting's, else the special use, else "". */
static const char *
folder_of(Effects *effects, EffectKind kind, GError **error)
{
	gboolean draft = kind == EFFECT_DRAFT;
	char **known = draft ? &effects->drafts : &effects->sent;
	const char *set = draft ? effects->settings->drafts : effects->settings->sent;
	if (*known != NULL)
		return *known;
	if (set != NULL) {
		*known = g_strdup(set);
		return *known;
	}
	g_autofree char *found = NULL;
	if (!mailbox_special_use(
	            effects->mailbox, draft ? "\\Drafts" : "\\Sent", &found, error))
		return NULL;
	*known = found != NULL ? g_steal_pointer(&found) : g_strdup("");
	return *known;
}

static MailboxAppend
append_of(const Effect *effect, const char *folder)
{
	return (MailboxAppend){ .folder = folder,
		.flags = effect->kind == EFFECT_DRAFT ? draft_flags : sent_flags,
		.bytes = effect->payload };
}

/* *folder NULL: copies are not wanted. Borrowed. */
static gboolean
find_folder(Effects *effects, EffectKind kind, const char **folder, GError **error)
{
	*folder = folder_of(effects, kind, error);
	if (*folder == NULL)
		return FALSE;
	if (**folder != '\0')
		return TRUE;
	*folder = NULL;
	if (kind == EFFECT_SENT_COPY)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
	        "mailbox '%s' has no drafts folder: set 'drafts'",
	        effects->settings->name);
	return FALSE;
}

gboolean
appending_run(Effects *effects, const Effect *effect, GError **error)
{
	gboolean there = FALSE;
	const char *folder;
	if (!find_folder(effects, effect->kind, &folder, error))
		return FALSE;
	if (folder == NULL)
		return TRUE;
	if (!effects_is_there(effects, effect, folder, "Message-ID", &there, error))
		return FALSE;
	MailboxAppend wanted = append_of(effect, folder);
	role_beat(effects->role, 0);
	crash_point("imap-append-before");
	gboolean done = there || mailbox_append(effects->mailbox, &wanted, NULL, error);
	crash_point("imap-append-after");
	return done;
}

gboolean
appending_run_all(Effects *effects, const GPtrArray *group, guint *done, GError **error)
{
	const Effect *first = g_ptr_array_index(group, 0);
	const char *folder;
	*done = 0;
	if (!find_folder(effects, first->kind, &folder, error))
		return FALSE;
	if (folder == NULL) {
		*done = group->len;
		return TRUE;
	}
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(MailboxAppend));
	for (guint i = 0; i < group->len; i++) {
		MailboxAppend one = append_of(g_ptr_array_index(group, i), folder);
		g_array_append_val(wanted, one);
	}
	crash_point("imap-append-before");
	gboolean ok = mailbox_append_all(effects->mailbox, wanted, done, error);
	crash_point("imap-append-after");
	return ok;
}
