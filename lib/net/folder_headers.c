#include <string.h>

#include "net/folder.h"
#include "net/imap_command.h"
#include "net/mailbox_core.h"
#include "net/visit.h"

#define HEADERS_MAX 10000 /* mails that one range may hold */

static gboolean
take_number(const ImapValue *list, const char *name, guint32 *number)
{
	for (guint i = 0; list->kind == IMAP_LIST && i + 1 < list->list->len; i += 2) {
		guint64 value;
		const char *key = imap_value_text(g_ptr_array_index(list->list, i));
		if (key == NULL || g_ascii_strcasecmp(key, name) != 0 ||
		        !imap_value_number(
		                g_ptr_array_index(list->list, i + 1), &value))
			continue;
		*number = (guint32)value;
		return TRUE;
	}
	return FALSE;
}

/* "* STATUS Sent (UIDVALIDITY 3857529045 UIDNEXT 4392)" */
static gboolean
take_status(ImapAnswer *answer, gpointer data)
{
	FolderState *state = data;
	if (g_strcmp0(answer->name, "STATUS") != 0)
		return FALSE;
	if (answer->values->len >= 2) {
		const ImapValue *list = g_ptr_array_index(answer->values, 1);
		take_number(list, "UIDVALIDITY", &state->uidvalidity);
		take_number(list, "UIDNEXT", &state->uidnext);
	}
	return TRUE;
}

gboolean
mailbox_folder_state(
        Mailbox *mailbox, const char *folder, FolderState *state, GError **error)
{
	g_autofree char *quoted = imap_mailbox_name(folder);
	*state = (FolderState){ 0 };
	if (quoted == NULL) {
		mailbox_set_unsayable("the folder's name", error);
		return FALSE;
	}
	g_autofree char *command =
	        g_strdup_printf("STATUS %s (UIDVALIDITY UIDNEXT)", quoted);
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, take_status, state, error);
	if (answer != NULL && answer->status != IMAP_OK)
		*state = (FolderState){ 0 };
	return answer != NULL;
}

typedef struct {
	const guint32 *range;
	MailboxReceiver receive;
	gpointer data;
	guint count;
	gboolean stopped;
} Headers;

/* Every other FETCH is news of the folder, of no interest here. */
static gboolean
take_header(ImapAnswer *answer, gpointer data)
{
	Headers *headers = data;
	guint64 uid;
	const ImapValue *header = imap_answer_fetch_item(answer, "BODY[HEADER]");
	g_autoptr(GBytes) bytes = imap_value_bytes(header);
	if (g_strcmp0(answer->name, "FETCH") != 0)
		return FALSE;
	if (bytes == NULL || headers->stopped || headers->count >= HEADERS_MAX ||
	        !imap_value_number(imap_answer_fetch_item(answer, "UID"), &uid) ||
	        uid < headers->range[0] || uid > headers->range[1])
		return TRUE;
	MailInfo info = { .uid = (guint32)uid,
		.size = g_bytes_get_size(bytes),
		.internaldate = imap_date_parse(imap_value_text(
		        imap_answer_fetch_item(answer, "INTERNALDATE"))) };
	gboolean cut = info.size >= HEADER_BYTES_MAX;
	headers->count++;
	headers->stopped = !headers->receive(&info, bytes, cut, headers->data);
	return TRUE;
}

static gboolean
fetch(Mailbox *mailbox, gpointer data, GError **error)
{
	Headers *headers = data;
	g_autofree char *command = g_strdup_printf(
	        "UID FETCH %u:%u (UID INTERNALDATE BODY.PEEK[HEADER]<0.%d>)",
	        headers->range[0], headers->range[1], HEADER_BYTES_MAX);
	imap_dialog_set_keep(mailbox->dialog, HEADER_BYTES_MAX);
	return mailbox_order(mailbox, command, take_header, headers, error);
}

gboolean
mailbox_fetch_headers(Mailbox *mailbox, const char *folder, const guint32 range[2],
        MailboxReceiver receive, gpointer data, GError **error)
{
	Headers headers = { .range = range, .receive = receive, .data = data };
	Visit visit = { .folder = folder, .work = fetch, .data = &headers };
	return mailbox_visit(mailbox, &visit, error);
}
