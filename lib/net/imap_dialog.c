#include "net/imap_dialog.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/text.h"
#include "net/imap_reader.h"

#define BUFFER_SIZE (64 * 1024)
#define STRAYS_MAX 1000    /* answers of one session that nobody asked for */
#define USEC_PER_BYTE 1000 /* a peer slower than 1000 bytes a second is stalling */
#define WORDS_MAX_CHARS 300

struct ImapDialog {
	Session *session;
	ImapReader *reader;
	guint tag;     /* of the command sent last */
	guint awaited; /* of the one whose answer comes next */
	guint strays;
	gsize start, end; /* of what is read but not parsed in buffer */
	guint8 buffer[BUFFER_SIZE];
};

ImapDialog *
imap_dialog_new(Session *session)
{
	ImapDialog *dialog = g_new0(ImapDialog, 1);
	dialog->session = session;
	dialog->reader = imap_reader_new(BUFFER_SIZE);
	return dialog;
}

void
imap_dialog_free(ImapDialog *dialog)
{
	if (dialog == NULL)
		return;
	imap_reader_free(dialog->reader);
	session_free(dialog->session);
	g_free(dialog);
}

Session *
imap_dialog_session(ImapDialog *dialog)
{
	return dialog->session;
}

void
imap_dialog_set_keep(ImapDialog *dialog, gsize keep)
{
	imap_reader_set_keep(dialog->reader, keep);
}

gboolean
imap_dialog_send(ImapDialog *dialog, const char *command, GError **error)
{
	g_autofree char *line = g_strdup_printf("T%u %s\r\n", ++dialog->tag, command);
	dialog->awaited = dialog->tag;
	return session_write(dialog->session, line, strlen(line), error);
}

gboolean
imap_dialog_send_all(ImapDialog *dialog, const GPtrArray *commands, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	dialog->awaited = dialog->tag + 1;
	for (guint i = 0; i < commands->len; i++)
		g_string_append_printf(lines, "T%u %s\r\n", ++dialog->tag,
		        (const char *)g_ptr_array_index(commands, i));
	return session_write(dialog->session, lines->str, lines->len, error);
}

void
imap_dialog_await_next(ImapDialog *dialog)
{
	dialog->awaited++;
}

gboolean
imap_dialog_send_raw(ImapDialog *dialog, const void *bytes, gsize size, GError **error)
{
	return session_write(dialog->session, bytes, size, error);
}

static gboolean
is_awaited(const ImapDialog *dialog, const ImapAnswer *answer)
{
	g_autofree char *tag = g_strdup_printf("T%u", dialog->awaited);
	return answer->kind != IMAP_TAGGED || g_str_equal(answer->tag, tag);
}

/* Drop an answer to a command never sent. */
static gboolean
pass_over(ImapDialog *dialog, ImapAnswer **answer, GError **error)
{
	g_clear_pointer(answer, imap_answer_free);
	if (++dialog->strays <= STRAYS_MAX)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the server answers commands never sent");
	return FALSE;
}

/* Parse what the buffer holds up to one answer. */
static gboolean
parse_buffer(ImapDialog *dialog, ImapAnswer **answer, GError **error)
{
	*answer = NULL;
	while (dialog->start < dialog->end && *answer == NULL) {
		gssize taken =
		        imap_reader_feed(dialog->reader, dialog->buffer + dialog->start,
		                dialog->end - dialog->start, answer, error);
		if (taken < 0)
			return FALSE;
		dialog->start += (gsize)taken;
		if (*answer != NULL && !is_awaited(dialog, *answer) &&
		        !pass_over(dialog, answer, error))
			return FALSE;
	}
	return TRUE;
}

/* A BYE is the end, except as the answer to LOGOUT, after which nobody reads on. */
static gboolean
check_bye(ImapAnswer **answer, GError **error)
{
	if (*answer == NULL || (*answer)->status != IMAP_BYE)
		return TRUE;
	g_autofree char *utf8 = text_to_utf8((*answer)->text, -1);
	g_autofree char *words = text_one_line(utf8, WORDS_MAX_CHARS);
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "the server says BYE: %s",
	        words);
	g_clear_pointer(answer, imap_answer_free);
	return FALSE;
}

static gboolean
check_pace(gint64 deadline, GError **error)
{
	if (clock_monotonic() <= deadline)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "the server stalls");
	return FALSE;
}

ImapAnswer *
imap_dialog_next(ImapDialog *dialog, guint seconds, GError **error)
{
	gint64 deadline = clock_monotonic() + 2 * (gint64)seconds * G_USEC_PER_SEC;
	ImapAnswer *answer = NULL;
	while (parse_buffer(dialog, &answer, error)) {
		if (answer != NULL)
			return check_bye(&answer, error) ? answer : NULL;
		gssize got = session_await(
		        dialog->session, dialog->buffer, BUFFER_SIZE, seconds, error);
		if (got < 0 || !check_pace(deadline, error))
			return NULL;
		dialog->start = 0;
		dialog->end = (gsize)got;
		deadline += got * USEC_PER_BYTE;
	}
	return NULL;
}

gboolean
imap_dialog_peek(ImapDialog *dialog, ImapAnswer **answer, GError **error)
{
	while (parse_buffer(dialog, answer, error)) {
		if (*answer != NULL)
			return check_bye(answer, error);
		gssize got = session_read(
		        dialog->session, dialog->buffer, BUFFER_SIZE, error);
		if (got <= 0)
			return got == 0;
		dialog->start = 0;
		dialog->end = (gsize)got;
	}
	return FALSE;
}
