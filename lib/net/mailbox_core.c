#include "net/mailbox_core.h"

#include <string.h>

#include "base/errors.h"
#include "base/text.h"
#include "net/imap_command.h"

#define WORDS_MAX_CHARS 300
#define PERMANENT_MAX 1000 /* flags kept of PERMANENTFLAGS */

gboolean
mailbox_give_up(Mailbox *mailbox)
{
	mailbox->dead = TRUE;
	return FALSE;
}

gboolean
mailbox_is_code(const ImapAnswer *answer, const char *code)
{
	return g_strcmp0(answer->code, code) == 0;
}

void
mailbox_set_unsayable(const char *what, GError **error)
{
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_INPUT, "%s cannot be said in IMAP", what);
}

/* A NO that passes (RFC 5530 3). */
static gboolean
is_passing(const ImapAnswer *answer)
{
	static const char *const codes[] = { "UNAVAILABLE", "INUSE", "SERVERBUG",
		"LIMIT" };
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (mailbox_is_code(answer, codes[i]))
			return TRUE;
	return FALSE;
}

char *
mailbox_words(const ImapAnswer *answer)
{
	g_autofree char *utf8 = text_to_utf8(answer->text, -1);
	g_autofree char *words = text_one_line(utf8, WORDS_MAX_CHARS);
	return g_strdup_printf("server says %s%s%s%s %s",
	        answer->status == IMAP_NO ? "NO" : "BAD",
	        answer->code != NULL ? " [" : "",
	        answer->code != NULL ? answer->code : "",
	        answer->code != NULL ? "]" : "", words);
}

gboolean
mailbox_check(
        Mailbox *mailbox, const ImapAnswer *answer, const char *what, GError **error)
{
	if (answer->status == IMAP_OK)
		return TRUE;
	g_autofree char *words = mailbox_words(answer);
	g_set_error(error, TRIAGED_ERROR,
	        is_passing(answer) ? ERROR_TEMPORARY : ERROR_REFUSED, "%s: %s", what,
	        words);
	if (is_passing(answer))
		mailbox_give_up(mailbox);
	return FALSE;
}

static void
note_capabilities(Mailbox *mailbox, const GPtrArray *values)
{
	g_hash_table_remove_all(mailbox->capabilities);
	for (guint i = 0; i < values->len; i++) {
		const char *word = imap_value_text(g_ptr_array_index(values, i));
		if (word != NULL)
			g_hash_table_add(
			        mailbox->capabilities, g_ascii_strup(word, -1));
	}
}

static void
note_permanent_flags(MailboxState *state, const char *list)
{
	g_auto(GStrv) words = g_strsplit_set(list, " ()", PERMANENT_MAX);
	g_ptr_array_set_size(state->permanent, 0);
	state->keywords_allowed = FALSE;
	for (guint i = 0; words[i] != NULL; i++) {
		if (g_str_equal(words[i], "\\*"))
			state->keywords_allowed = TRUE;
		else if (words[i][0] != '\0')
			g_ptr_array_add(state->permanent, g_strdup(words[i]));
	}
}

static guint64
code_number(const ImapAnswer *answer)
{
	return answer->code_text != NULL ? g_ascii_strtoull(answer->code_text, NULL, 10)
	                                 : 0;
}

/* A UIDVALIDITY that changes under us makes every UID we know another mail's. */
static void
note_uidvalidity(Mailbox *mailbox, guint32 uidvalidity)
{
	if (!mailbox->selecting && mailbox->state.uidvalidity != uidvalidity)
		mailbox_give_up(mailbox);
	mailbox->state.uidvalidity = uidvalidity;
}

static void
note_code(Mailbox *mailbox, const ImapAnswer *answer)
{
	MailboxState *state = &mailbox->state;
	if (mailbox->elsewhere)
		return;
	if (mailbox_is_code(answer, "UIDVALIDITY"))
		note_uidvalidity(mailbox, (guint32)code_number(answer));
	else if (mailbox_is_code(answer, "UIDNEXT"))
		state->uidnext = (guint32)code_number(answer);
	else if (mailbox_is_code(answer, "HIGHESTMODSEQ"))
		state->highestmodseq = code_number(answer);
	else if (mailbox_is_code(answer, "PERMANENTFLAGS") && answer->code_text != NULL)
		note_permanent_flags(state, answer->code_text);
}

static void
note_exists(Mailbox *mailbox, guint32 exists)
{
	if (exists > mailbox->state.exists && !mailbox->selecting)
		mailbox->news |= MAILBOX_NEW_MAIL;
	mailbox->state.exists = exists;
}

static void
note_expunge(Mailbox *mailbox)
{
	if (mailbox->state.exists > 0)
		mailbox->state.exists--;
	mailbox->news |= MAILBOX_EXPUNGED;
}

void
mailbox_note(Mailbox *mailbox, const ImapAnswer *answer)
{
	if (answer->status != IMAP_DATA) {
		note_code(mailbox, answer);
		return;
	}
	if (answer->name == NULL)
		return;
	if (g_str_equal(answer->name, "CAPABILITY"))
		note_capabilities(mailbox, answer->values);
	else if (mailbox->elsewhere || !answer->numbered)
		return;
	else if (g_str_equal(answer->name, "EXISTS"))
		note_exists(mailbox, answer->number);
	else if (g_str_equal(answer->name, "EXPUNGE"))
		note_expunge(mailbox);
	else if (g_str_equal(answer->name, "FETCH") &&
	         imap_answer_fetch_item(answer, "FLAGS") != NULL)
		mailbox->news |= MAILBOX_FLAGS;
}

static gboolean
check_alive(Mailbox *mailbox, GError **error)
{
	if (!mailbox->dead)
		return TRUE;
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_TEMPORARY, "the UIDVALIDITY has changed");
	return FALSE;
}

ImapAnswer *
mailbox_hear(Mailbox *mailbox, MailboxListener listen, gpointer data, GError **error)
{
	for (;;) {
		g_autoptr(ImapAnswer) answer = imap_dialog_next(
		        mailbox->dialog, mailbox->endpoint->answer_seconds, error);
		if (answer == NULL) {
			mailbox_give_up(mailbox);
			return NULL;
		}
		if (answer->kind == IMAP_UNTAGGED &&
		        (listen == NULL || !listen(answer, data)))
			mailbox_note(mailbox, answer);
		if (!check_alive(mailbox, error))
			return NULL;
		if (answer->kind == IMAP_TAGGED)
			return g_steal_pointer(&answer);
	}
}

/* Whether something can be said: the connection is there, and not in IDLE. */
static gboolean
may_speak(Mailbox *mailbox, GError **error)
{
	if (mailbox->dead) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "the connection is over");
		return FALSE;
	}
	return !mailbox->idling || mailbox_leave_idle(mailbox, error);
}

gboolean
mailbox_say(Mailbox *mailbox, const char *command, GError **error)
{
	if (!may_speak(mailbox, error))
		return FALSE;
	return imap_dialog_send(mailbox->dialog, command, error) ||
	       mailbox_give_up(mailbox);
}

gboolean
mailbox_say_all(Mailbox *mailbox, const GPtrArray *commands, GError **error)
{
	if (!may_speak(mailbox, error))
		return FALSE;
	return imap_dialog_send_all(mailbox->dialog, commands, error) ||
	       mailbox_give_up(mailbox);
}

ImapAnswer *
mailbox_ask(Mailbox *mailbox, const char *command, MailboxListener listen,
        gpointer data, GError **error)
{
	if (!mailbox_say(mailbox, command, error))
		return NULL;
	return mailbox_hear(mailbox, listen, data, error);
}

gboolean
mailbox_order(Mailbox *mailbox, const char *command, MailboxListener listen,
        gpointer data, GError **error)
{
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, listen, data, error);
	if (answer == NULL)
		return FALSE;
	g_autofree char *verb = g_strndup(command, strcspn(command, "\"(0123456789"));
	return mailbox_check(mailbox, answer, g_strchomp(verb), error);
}

gboolean
mailbox_select(Mailbox *mailbox, GError **error)
{
	g_autofree char *name = imap_mailbox_name(mailbox->folder);
	if (name == NULL) {
		mailbox_set_unsayable("the folder's name", error);
		return FALSE;
	}
	g_autofree char *command =
	        g_strdup_printf("%s %s%s", mailbox->examine ? "EXAMINE" : "SELECT",
	                name, mailbox_can(mailbox, "CONDSTORE") ? " (CONDSTORE)" : "");
	mailbox->selecting = TRUE;
	mailbox->elsewhere = FALSE;
	g_autoptr(ImapAnswer) answer = mailbox_ask(mailbox, command, NULL, NULL, error);
	mailbox->selecting = FALSE;
	if (answer == NULL || !mailbox_check(mailbox, answer, "SELECT", error))
		return FALSE;
	mailbox->state.read_only = mailbox_is_code(answer, "READ-ONLY");
	return TRUE;
}

gboolean
mailbox_leave_idle(Mailbox *mailbox, GError **error)
{
	static const char done[] = "DONE\r\n";
	mailbox->idling = FALSE;
	if (!imap_dialog_send_raw(mailbox->dialog, done, strlen(done), error))
		return mailbox_give_up(mailbox);
	g_autoptr(ImapAnswer) answer = mailbox_hear(mailbox, NULL, NULL, error);
	return answer != NULL;
}
