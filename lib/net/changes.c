#include "net/changes.h"

#include "net/mailbox_core.h"

typedef struct {
	const ChangesWanted *wanted;
	GPtrArray *infos; /* of MailInfo */
	guint64 modseq;
} Changes;

static GStrv
flags_of(const ImapValue *list)
{
	g_autoptr(GStrvBuilder) flags = g_strv_builder_new();
	for (guint i = 0; list->kind == IMAP_LIST && i < list->list->len; i++) {
		const char *flag = imap_value_text(g_ptr_array_index(list->list, i));
		if (flag != NULL)
			g_strv_builder_add(flags, flag);
	}
	return g_strv_builder_end(flags);
}

/* "* 7 FETCH (UID 12 FLAGS (triage-held) MODSEQ (917))" */
static gboolean
take_change(ImapAnswer *answer, gpointer data)
{
	Changes *changes = data;
	guint64 uid, modseq;
	const ImapValue *flags = imap_answer_fetch_item(answer, "FLAGS");
	const ImapValue *sequence = imap_answer_fetch_item(answer, "MODSEQ");
	if (g_strcmp0(answer->name, "FETCH") != 0 || flags == NULL ||
	        !imap_value_number(imap_answer_fetch_item(answer, "UID"), &uid) ||
	        uid == 0 || uid > G_MAXUINT32)
		return FALSE;
	if (sequence != NULL && sequence->kind == IMAP_LIST &&
	        sequence->list->len == 1 &&
	        imap_value_number(g_ptr_array_index(sequence->list, 0), &modseq))
		changes->modseq = MAX(changes->modseq, modseq);
	if (uid < changes->wanted->from || changes->infos->len >= changes->wanted->max)
		return TRUE;
	MailInfo *info = g_new0(MailInfo, 1);
	info->uid = (guint32)uid;
	info->flags = flags_of(flags);
	g_ptr_array_add(changes->infos, info);
	return TRUE;
}

static int
compare_uids(gconstpointer a, gconstpointer b)
{
	guint32 left = (*(MailInfo *const *)a)->uid,
	        right = (*(MailInfo *const *)b)->uid;
	return left < right ? -1 : left > right;
}

GPtrArray *
mailbox_list_changed(
        Mailbox *mailbox, const ChangesWanted *wanted, guint64 *modseq, GError **error)
{
	g_autoptr(GPtrArray) infos =
	        g_ptr_array_new_with_free_func((GDestroyNotify)mail_info_free);
	Changes changes = { wanted, infos, wanted->since };
	g_autofree char *command = g_strdup_printf(
	        "UID FETCH %u:* (UID FLAGS) (CHANGEDSINCE %" G_GUINT64_FORMAT ")",
	        MAX(wanted->from, 1), MAX(wanted->since, 1));
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, take_change, &changes, error);
	if (answer == NULL ||
	        (!mailbox_is_code(answer, "EXPUNGEISSUED") &&
	                !mailbox_check(mailbox, answer, "changes", error)))
		return NULL;
	g_ptr_array_sort(infos, compare_uids);
	*modseq = changes.modseq;
	return g_steal_pointer(&infos);
}
