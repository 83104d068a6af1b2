#include "net/visit.h"

#include "base/errors.h"
#include "net/imap_command.h"
#include "net/mailbox_core.h"

/* "* OK [UIDVALIDITY 3857529045] ..." */
static gboolean
take_state(ImapAnswer *answer, gpointer data)
{
	Visit *visit = data;
	guint64 number = answer->code_text != NULL
	                         ? g_ascii_strtoull(answer->code_text, NULL, 10)
	                         : 0;
	if (mailbox_is_code(answer, "UIDVALIDITY"))
		visit->uidvalidity = (guint32)number;
	else if (mailbox_is_code(answer, "HIGHESTMODSEQ"))
		visit->highestmodseq = number;
	return FALSE;
}

static gboolean
go(Mailbox *mailbox, Visit *visit, GError **error)
{
	g_autofree char *name = imap_mailbox_name(visit->folder);
	if (name == NULL) {
		mailbox_set_unsayable("the folder's name", error);
		return FALSE;
	}
	g_autofree char *command =
	        g_strdup_printf("%s %s%s", visit->change ? "SELECT" : "EXAMINE", name,
	                mailbox_can(mailbox, "CONDSTORE") ? " (CONDSTORE)" : "");
	mailbox->elsewhere = TRUE;
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, take_state, visit, error);
	visit->there = answer != NULL && answer->status == IMAP_OK;
	return answer != NULL;
}

static gboolean
come_back(Mailbox *mailbox, GError **error)
{
	guint32 uidvalidity = mailbox->state.uidvalidity;
	if (!mailbox_select(mailbox, error))
		return mailbox_give_up(mailbox);
	/* What came meanwhile was counted by SELECT: no EXISTS tells of it, IDLE neither. */
	mailbox->news |= MAILBOX_NEW_MAIL;
	if (mailbox->state.uidvalidity == uidvalidity)
		return TRUE;
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_TEMPORARY, "the UIDVALIDITY has changed");
	return mailbox_give_up(mailbox);
}

static gboolean
stay(Mailbox *mailbox, Visit *visit, GError **error)
{
	visit->there = TRUE;
	visit->uidvalidity = mailbox->state.uidvalidity;
	visit->highestmodseq = mailbox->state.highestmodseq;
	return visit->work(mailbox, visit->data, error);
}

gboolean
mailbox_visit(Mailbox *mailbox, Visit *visit, GError **error)
{
	if (visit->folder == NULL || g_str_equal(visit->folder, mailbox->folder))
		return stay(mailbox, visit, error);
	if (!go(mailbox, visit, error))
		return FALSE;
	gboolean done = !visit->there || visit->work(mailbox, visit->data, error);
	return come_back(mailbox, done ? error : NULL) && done;
}
