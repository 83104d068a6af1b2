#include "desk/suspect.h"

#define SPAN 1000 /* UIDs before a suspect among which another mail is looked for */

gboolean
suspect_needs_proof(const Suspect *suspect, const MailInfo *info)
{
	return suspect->singly && suspect->uid == info->uid &&
	       suspect->failures + 1 >= SUSPECT_TRIES;
}

gboolean
suspect_is_guilty(Suspect *suspect, const MailInfo *info, guint count, gboolean proven)
{
	suspect->singly = TRUE;
	if (count > 1)
		return FALSE;
	if (suspect->uid != info->uid)
		suspect->failures = suspect->controls = 0;
	suspect->uid = info->uid;
	if (suspect->failures + 1 >= SUSPECT_TRIES)
		return proven;
	suspect->failures++;
	return FALSE;
}

static guint64
difference(guint64 one, guint64 other)
{
	return MAX(one, other) - MIN(one, other);
}

/* Known mails first, as they have come before; of these the most alike in size: what a
 * network does to a large mail says nothing of small ones. */
static int
compare_controls(gconstpointer a, gconstpointer b, gpointer data)
{
	const MailInfo *left = *(MailInfo *const *)a, *right = *(MailInfo *const *)b;
	const MailInfo *info = data;
	gboolean left_known = left->uid < info->uid;
	gboolean right_known = right->uid < info->uid;
	guint64 left_off = difference(left->size, info->size);
	guint64 right_off = difference(right->size, info->size);
	if (left_known != right_known)
		return left_known ? -1 : 1;
	return left_off < right_off ? -1 : left_off > right_off;
}

/* The mail to compare with; another one after each that did not come either, as there may be
 * several bad ones. *uid is 0 when there is no other. */
static gboolean
choose_control(const Suspect *suspect, Mailbox *mailbox, const MailInfo *info,
        guint32 *uid, GError **error)
{
	guint32 from = info->uid > SPAN ? info->uid - SPAN : 1;
	g_autoptr(GPtrArray) listed = mailbox_list_new(mailbox, from, error);
	*uid = 0;
	if (listed == NULL)
		return FALSE;
	for (guint i = listed->len; i-- > 0;)
		if (((MailInfo *)g_ptr_array_index(listed, i))->uid == info->uid)
			g_ptr_array_remove_index(listed, i);
	if (listed->len == 0)
		return TRUE;
	g_ptr_array_sort_with_data(listed, compare_controls, (gpointer)info);
	const MailInfo *control =
	        g_ptr_array_index(listed, suspect->controls % listed->len);
	*uid = control->uid;
	return TRUE;
}

static gboolean
receive_control(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	(void)info, (void)bytes, (void)truncated;
	*(gboolean *)data = TRUE;
	return TRUE;
}

gboolean
suspect_compare(Suspect *suspect, Mailbox *mailbox, const MailInfo *info,
        gsize max_bytes, gboolean *proven, GError **error)
{
	guint32 uid;
	*proven = FALSE;
	if (!choose_control(suspect, mailbox, info, &uid, error))
		return FALSE;
	if (uid == 0)
		return TRUE;
	MailboxRequest request = { .uids = &uid, .count = 1, .max_bytes = max_bytes };
	gboolean fetched =
	        mailbox_fetch(mailbox, &request, receive_control, proven, error);
	if (!*proven)
		suspect->controls++;
	return fetched;
}
