#include "net/mailbox.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "net/imap_command.h"
#include "net/mailbox_core.h"
#include "net/store_group.h"

#define LOGOUT_SECONDS 2
#define SET_MAX 4000 /* bytes of a sequence set: RFC 7162 4 wants lines under 8192 */

static Mailbox *
mailbox_new(const Endpoint *endpoint, const char *folder)
{
	Mailbox *mailbox = g_new0(Mailbox, 1);
	mailbox->endpoint = endpoint;
	mailbox->folder = g_strdup(folder);
	mailbox->capabilities =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	mailbox->sizes = g_hash_table_new(NULL, NULL);
	mailbox->state.permanent = g_ptr_array_new_with_free_func(g_free);
	mailbox->state.keywords_allowed =
	        TRUE; /* unless PERMANENTFLAGS says otherwise */
	return mailbox;
}

static void
mailbox_free(Mailbox *mailbox)
{
	g_clear_pointer(&mailbox->dialog, imap_dialog_free);
	g_hash_table_unref(mailbox->capabilities);
	g_hash_table_unref(mailbox->sizes);
	g_ptr_array_unref(mailbox->state.permanent);
	g_free(mailbox->folder);
	g_free(mailbox);
}

static gboolean
take_highest_uid(ImapAnswer *answer, gpointer data)
{
	guint64 uid;
	guint32 *uidnext = data;
	if (g_strcmp0(answer->name, "FETCH") != 0)
		return FALSE;
	if (imap_value_number(imap_answer_fetch_item(answer, "UID"), &uid))
		*uidnext = MAX(*uidnext, (guint32)uid + 1);
	return TRUE;
}

/* Old servers do not tell UIDNEXT: then it is one more than the last mail's UID. */
static gboolean
find_uidnext(Mailbox *mailbox, GError **error)
{
	if (mailbox->state.uidnext != 0)
		return TRUE;
	mailbox->state.uidnext = 1;
	return mailbox->state.exists == 0 ||
	       mailbox_order(mailbox, "FETCH * (UID)", take_highest_uid,
	               &mailbox->state.uidnext, error);
}

static gboolean
enter(Mailbox *mailbox, GError **error)
{
	if (!mailbox_order(mailbox, "CAPABILITY", NULL, NULL, error) ||
	        !mailbox_select(mailbox, error) || !find_uidnext(mailbox, error)) {
		g_prefix_error(error, "cannot open folder \"%s\": ", mailbox->folder);
		return FALSE;
	}
	return TRUE;
}

static Mailbox *
open_folder(
        const Endpoint *endpoint, const char *folder, gboolean examine, GError **error)
{
	Session *session = session_open(endpoint, error);
	if (session == NULL)
		return NULL;
	g_autoptr(Mailbox) mailbox = mailbox_new(endpoint, folder);
	mailbox->dialog = imap_dialog_new(session);
	mailbox->examine = examine;
	return enter(mailbox, error) ? g_steal_pointer(&mailbox) : NULL;
}

Mailbox *
mailbox_open(const Endpoint *endpoint, const char *folder, GError **error)
{
	return open_folder(endpoint, folder, FALSE, error);
}

Mailbox *
mailbox_examine(const Endpoint *endpoint, const char *folder, GError **error)
{
	return open_folder(endpoint, folder, TRUE, error);
}

/* A BYE, an error and a time-out are all the same here. */
static void
say_goodbye(Mailbox *mailbox)
{
	static const char done[] = "DONE\r\n";
	if (mailbox->idling &&
	        !imap_dialog_send_raw(mailbox->dialog, done, strlen(done), NULL))
		return;
	if (!imap_dialog_send(mailbox->dialog, "LOGOUT", NULL))
		return;
	gint64 deadline = clock_monotonic() + LOGOUT_SECONDS * G_USEC_PER_SEC;
	ImapAnswer *answer;
	do {
		answer = imap_dialog_next(mailbox->dialog, LOGOUT_SECONDS, NULL);
		imap_answer_free(answer);
	} while (answer != NULL && clock_monotonic() < deadline);
}

void
mailbox_close(Mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	if (!mailbox->dead && mailbox->dialog != NULL)
		say_goodbye(mailbox);
	mailbox_free(mailbox);
}

const MailboxState *
mailbox_state(const Mailbox *mailbox)
{
	return &mailbox->state;
}

gboolean
mailbox_is_dead(const Mailbox *mailbox)
{
	return mailbox->dead;
}

gboolean
mailbox_can(const Mailbox *mailbox, const char *capability)
{
	g_autofree char *name = g_ascii_strup(capability, -1);
	return g_hash_table_contains(mailbox->capabilities, name);
}

gboolean
mailbox_takes_keyword(const Mailbox *mailbox, const char *keyword)
{
	const MailboxState *state = &mailbox->state;
	if (state->keywords_allowed && !state->read_only)
		return TRUE;
	for (guint i = 0; i < state->permanent->len && !state->read_only; i++)
		if (g_ascii_strcasecmp(
		            g_ptr_array_index(state->permanent, i), keyword) == 0)
			return TRUE;
	return FALSE;
}

gboolean
mailbox_noop(Mailbox *mailbox, GError **error)
{
	return mailbox_order(mailbox, "NOOP", NULL, NULL, error);
}

static gboolean
check_keywords(const Mailbox *mailbox, gboolean add, const char *const *keywords,
        GError **error)
{
	for (guint i = 0; keywords[i] != NULL; i++) {
		if (!imap_is_keyword(keywords[i])) {
			mailbox_set_unsayable("a keyword", error);
			return FALSE;
		}
		if (add && !mailbox_takes_keyword(mailbox, keywords[i])) {
			g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
			        "the server stores no keyword \"%s\" in folder \"%s\"",
			        keywords[i], mailbox->folder);
			return FALSE;
		}
	}
	return TRUE;
}

/* "UID STORE 1:3 +FLAGS.SILENT (a b)", as many of them as the UIDs need. */
static GPtrArray *
store_commands(const GArray *uids, gboolean add, const char *const *keywords)
{
	GPtrArray *commands = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *list = g_strjoinv(" ", (GStrv)keywords);
	g_autoptr(GPtrArray) sets = imap_sets(
	        (const guint32 *)(const void *)uids->data, uids->len, SET_MAX);
	for (guint i = 0; i < sets->len && keywords[0] != NULL; i++)
		g_ptr_array_add(
		        commands, g_strdup_printf("UID STORE %s %cFLAGS.SILENT (%s)",
		                          (const char *)g_ptr_array_index(sets, i),
		                          add ? '+' : '-', list));
	return commands;
}

/* Hear what each command comes to. Some servers say NO when some of the mails are gone (RFC
 * 5530 3, RFC 2180 4.2). FALSE: the connection is over; *failed is the first refusal. */
static gboolean
hear_stores(Mailbox *mailbox, guint count, GError **failed, GError **error)
{
	for (guint i = 0; i < count; i++) {
		g_autoptr(ImapAnswer) answer = mailbox_hear(mailbox, NULL, NULL, error);
		if (answer == NULL)
			return FALSE;
		imap_dialog_await_next(mailbox->dialog);
		if (!mailbox_is_code(answer, "EXPUNGEISSUED"))
			mailbox_check(mailbox, answer, "STORE",
			        *failed == NULL ? failed : NULL);
	}
	return TRUE;
}

static void
free_failure(gpointer failure)
{
	g_clear_error((GError **)&failure);
}

/* The commands of all groups, and how many each has; what cannot be said is among failures. */
static GPtrArray *
commands_of_groups(const Mailbox *mailbox, const GPtrArray *groups, gboolean add,
        GArray *counts, GPtrArray *failures)
{
	GPtrArray *commands = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < groups->len; i++) {
		const StoreGroup *group = g_ptr_array_index(groups, i);
		const char *const *keywords = (const char *const *)group->keywords;
		GError *failed = NULL;
		guint before = commands->len;
		/* What another folder keeps is told by its own answers. */
		if (check_keywords(
		            mailbox, add && !mailbox->elsewhere, keywords, &failed))
			g_ptr_array_extend_and_steal(
			        commands, store_commands(group->uids, add, keywords));
		guint count = commands->len - before;
		g_array_append_val(counts, count);
		g_ptr_array_add(failures, failed);
	}
	return commands;
}

GPtrArray *
mailbox_store_groups(
        Mailbox *mailbox, const GPtrArray *groups, gboolean add, GError **error)
{
	g_autoptr(GPtrArray) failures = g_ptr_array_new_with_free_func(free_failure);
	g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GPtrArray) commands =
	        commands_of_groups(mailbox, groups, add, counts, failures);
	if (commands->len > 0 && !mailbox_say_all(mailbox, commands, error))
		return NULL;
	for (guint i = 0; i < groups->len; i++) {
		GError **failed = (GError **)(void *)&g_ptr_array_index(failures, i);
		if (!hear_stores(
		            mailbox, g_array_index(counts, guint, i), failed, error))
			return NULL;
	}
	return g_steal_pointer(&failures);
}

gboolean
mailbox_store(Mailbox *mailbox, const GArray *uids, gboolean add,
        const char *const *keywords, GError **error)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();
	StoreGroup group = { .keywords = (GStrv)keywords, .uids = (GArray *)uids };
	g_ptr_array_add(groups, &group);
	g_autoptr(GPtrArray) failures =
	        mailbox_store_groups(mailbox, groups, add, error);
	if (failures == NULL)
		return FALSE;
	GError *failed = g_ptr_array_steal_index(failures, 0);
	if (failed == NULL)
		return TRUE;
	g_propagate_error(error, failed);
	return FALSE;
}
