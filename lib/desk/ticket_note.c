#include "desk/ticket_note.h"

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "desk/summary.h"
#include "mail/compose.h"
#include "net/folder.h"
#include "store/conversation.h"

/* The references of a note: the conversation's begin, and the mail it stands beside. */
static char *
root_message_id(Store *store, const JournalMail *mail)
{
	g_autoptr(Conversation) conversation =
	        conversation_get(store, mail->conversation, NULL);
	g_autoptr(JournalMail) root =
	        conversation != NULL && conversation->root != 0 &&
	                        conversation->root != mail->id
	                ? journal_get(store, conversation->root, NULL)
	                : NULL;
	return root != NULL ? g_strdup(root->message_id) : NULL;
}

static GBytes *
compose(const Effects *effects, const Effect *effect, const JournalMail *mail,
        GError **error)
{
	const Settings *settings = effects->role->settings;
	const Catalogue *catalogue = effects->role->catalogue;
	const NoteForm *form = &catalogue->note;
	if (form->text == NULL) {
		g_set_error_literal(error, TRIAGED_ERROR, ERROR_REFUSED,
		        "the catalogue has no form for notes");
		return NULL;
	}
	g_autoptr(Values) plain = summary_note(mail, catalogue, summary_plain);
	g_autoptr(Values) escaped = summary_note(mail, catalogue, summary_html);
	g_autofree char *subject = template_fill(form->subject, plain);
	g_autofree char *text = template_fill(form->text, plain);
	g_autofree char *html = template_fill(form->html, escaped);
	g_autofree char *root = root_message_id(effects->store, mail);
	g_autoptr(GDateTime) local = g_date_time_new_now_local();
	const char *const references[] = { root != NULL ? root : mail->message_id,
		root != NULL ? mail->message_id : NULL, NULL };
	Outgoing outgoing = { .from_name = settings->identity.name,
		.from_address = settings->identity.address,
		.to = settings->identity.address,
		.subject = g_strstrip(subject),
		.message_id = effect->message_id,
		.in_reply_to = mail->message_id,
		.references = references,
		.instance = settings->instance,
		.date = clock_now() / G_USEC_PER_SEC,
		.utc_offset_minutes =
		        (int)(g_date_time_get_utc_offset(local) / G_TIME_SPAN_MINUTE),
		.language = "it",
		.text = text,
		.html = html };
	return compose_note(&outgoing, error);
}

gboolean
ticket_note_run(Effects *effects, const Effect *effect, GError **error)
{
	/* It is nobody's unread mail. */
	static const char *const flags[] = { "\\Seen", NULL };
	gboolean there = FALSE;
	g_autoptr(JournalMail) mail = journal_get(effects->store, effect->mail, error);
	if (mail == NULL || !effects_is_there(effects, effect, mail->place.folder,
	                            "Message-ID", &there, error))
		return FALSE;
	if (there)
		return TRUE;
	g_autoptr(GBytes) bytes = compose(effects, effect, mail, error);
	if (bytes == NULL)
		return FALSE;
	MailboxAppend wanted = {
		.folder = mail->place.folder, .flags = flags, .bytes = bytes
	};
	crash_point("imap-note-before");
	gboolean done = mailbox_append(effects->mailbox, &wanted, NULL, error);
	crash_point("imap-note-after");
	return done;
}
