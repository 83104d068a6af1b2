#include "net/folder.h"

#include <string.h>

#include "base/errors.h"
#include "net/imap_command.h"
#include "net/mailbox_core.h"
#include "net/visit.h"

#define SET_MAX 4000
#define FOUND_MAX 10000             /* mails that one search may find */
#define TOGETHER_BYTES (256 * 1024) /* about so many are appended by one command */

typedef struct {
	const char *use;
	char *name; /* found; or NULL */
} FolderSearch;

static gboolean
has_attribute(const ImapValue *list, const char *attribute)
{
	for (guint i = 0; list->kind == IMAP_LIST && i < list->list->len; i++) {
		const char *text = imap_value_text(g_ptr_array_index(list->list, i));
		if (text != NULL && g_ascii_strcasecmp(text, attribute) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "* LIST (\HasNoChildren \Sent) "/" Sent" */
static gboolean
take_folder(ImapAnswer *answer, gpointer data)
{
	FolderSearch *search = data;
	if (g_strcmp0(answer->name, "LIST") != 0 &&
	        g_strcmp0(answer->name, "XLIST") != 0)
		return FALSE;
	if (search->name != NULL || answer->values->len < 3 ||
	        !has_attribute(g_ptr_array_index(answer->values, 0), search->use))
		return TRUE;
	const char *name = imap_value_text(g_ptr_array_index(answer->values, 2));
	search->name = name != NULL ? imap_utf7_decode(name) : NULL;
	return TRUE;
}

gboolean
mailbox_special_use(Mailbox *mailbox, const char *use, char **name, GError **error)
{
	FolderSearch search = { .use = use };
	const char *command = "LIST \"\" \"*\"";
	if (mailbox_can(mailbox, "SPECIAL-USE") &&
	        mailbox_can(mailbox, "LIST-EXTENDED"))
		command = "LIST \"\" \"*\" RETURN (SPECIAL-USE)";
	else if (mailbox_can(mailbox, "XLIST"))
		command = "XLIST \"\" \"*\"";
	*name = NULL;
	if (!mailbox_order(mailbox, command, take_folder, &search, error)) {
		g_free(search.name);
		return FALSE;
	}
	*name = search.name;
	return TRUE;
}

/* Make a folder that a command was told to TRYCREATE. Subscribing may fail: not all servers
 * have it. */
static gboolean
create_folder(Mailbox *mailbox, const char *quoted, GError **error)
{
	g_autofree char *create = g_strdup_printf("CREATE %s", quoted);
	g_autofree char *subscribe = g_strdup_printf("SUBSCRIBE %s", quoted);
	if (!mailbox_order(mailbox, create, NULL, NULL, error))
		return FALSE;
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, subscribe, NULL, NULL, error);
	return answer != NULL;
}

static gboolean
is_flag(const char *flag)
{
	return imap_is_keyword(flag[0] == '\\' ? flag + 1 : flag);
}

/* "(flags) date {size}", or NULL for a flag that cannot be said. */
static char *
append_message(const MailboxAppend *append, gboolean plus)
{
	static const char *const none[] = { NULL };
	const char *const *flags = append->flags != NULL ? append->flags : none;
	for (guint i = 0; flags[i] != NULL; i++)
		if (!is_flag(flags[i]))
			return NULL;
	g_autofree char *list = g_strjoinv(" ", (GStrv)flags);
	g_autofree char *date = append->internaldate != 0
	                                ? imap_date(append->internaldate)
	                                : g_strdup("");
	return g_strdup_printf("(%s)%s%s {%zu%s}", list, date[0] != '\0' ? " " : "",
	        date, g_bytes_get_size(append->bytes), plus ? "+" : "");
}

/* "APPEND name (flags) date {size}", or NULL with ERROR_INPUT. */
static char *
append_command(Mailbox *mailbox, const MailboxAppend *append, const char *quoted,
        GError **error)
{
	g_autofree char *message =
	        append_message(append, mailbox_can(mailbox, "LITERAL+"));
	if (message != NULL)
		return g_strdup_printf("APPEND %s %s", quoted, message);
	mailbox_set_unsayable("a flag", error);
	return NULL;
}

/* Wait for the "+" that asks for the literal. *refusal: the tagged answer that came instead. */
static gboolean
await_literal_request(Mailbox *mailbox, ImapAnswer **refusal, GError **error)
{
	for (;;) {
		g_autoptr(ImapAnswer) answer = imap_dialog_next(
		        mailbox->dialog, mailbox->endpoint->answer_seconds, error);
		if (answer == NULL)
			return mailbox_give_up(mailbox);
		if (answer->kind == IMAP_UNTAGGED)
			mailbox_note(mailbox, answer);
		if (answer->kind == IMAP_TAGGED)
			*refusal = g_steal_pointer(&answer);
		if (*refusal != NULL || answer->kind == IMAP_CONTINUE)
			return TRUE;
	}
}

/* Say an APPEND and its literal; the tagged answer, or NULL. */
static ImapAnswer *
append_once(Mailbox *mailbox, const MailboxAppend *append, const char *command,
        GError **error)
{
	gsize size;
	const void *bytes = g_bytes_get_data(append->bytes, &size);
	ImapAnswer *refusal = NULL;
	if (!mailbox_say(mailbox, command, error))
		return NULL;
	if (!g_str_has_suffix(command, "+}") &&
	        !await_literal_request(mailbox, &refusal, error))
		return NULL;
	if (refusal != NULL)
		return refusal;
	if (!imap_dialog_send_raw(mailbox->dialog, bytes, size, error) ||
	        !imap_dialog_send_raw(mailbox->dialog, "\r\n", 2, error)) {
		mailbox_give_up(mailbox);
		return NULL;
	}
	return mailbox_hear(mailbox, NULL, NULL, error);
}

/* "[APPENDUID 38505 3955]" (RFC 4315 3) */
static guint32
appended_uid(const ImapAnswer *answer)
{
	const char *space;
	if (!mailbox_is_code(answer, "APPENDUID") || answer->code_text == NULL ||
	        (space = strchr(answer->code_text, ' ')) == NULL)
		return 0;
	return (guint32)g_ascii_strtoull(space + 1, NULL, 10);
}

/* The folder's quoted name, or NULL with ERROR_INPUT. */
static char *
quote_folder(const char *folder, GError **error)
{
	char *quoted = imap_mailbox_name(folder);
	if (quoted == NULL)
		mailbox_set_unsayable("the folder's name", error);
	return quoted;
}

static gboolean
check_appendable(GBytes *bytes, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	if (size > 0 && memchr(data, '\0', size) == NULL)
		return TRUE;
	mailbox_set_unsayable("a mail that is empty or holds NUL bytes", error);
	return FALSE;
}

gboolean
mailbox_append(
        Mailbox *mailbox, const MailboxAppend *append, guint32 *uid, GError **error)
{
	g_autofree char *quoted = quote_folder(append->folder, error);
	if (quoted == NULL || !check_appendable(append->bytes, error))
		return FALSE;
	g_autofree char *command = append_command(mailbox, append, quoted, error);
	if (command == NULL)
		return FALSE;
	g_autoptr(ImapAnswer) answer = append_once(mailbox, append, command, error);
	if (answer != NULL && mailbox_is_code(answer, "TRYCREATE")) {
		if (!create_folder(mailbox, quoted, error))
			return FALSE;
		imap_answer_free(answer);
		answer = append_once(mailbox, append, command, error);
	}
	if (answer == NULL || !mailbox_check(mailbox, answer, "APPEND", error)) {
		g_prefix_error(error, "folder \"%s\": ", append->folder);
		return FALSE;
	}
	if (uid != NULL)
		*uid = appended_uid(answer);
	return TRUE;
}

/* What follows the first line of a MULTIAPPEND, or NULL: a mail or flag cannot be said. */
static GByteArray *
multiappend_rest(const MailboxAppend *appends, guint count)
{
	g_autoptr(GByteArray) rest = g_byte_array_new();
	for (guint i = 0; i < count; i++) {
		gsize size;
		const guint8 *bytes = g_bytes_get_data(appends[i].bytes, &size);
		g_autofree char *message = append_message(&appends[i], TRUE);
		if (message == NULL || !check_appendable(appends[i].bytes, NULL))
			return NULL;
		g_autofree char *next = g_strdup_printf(" %s\r\n", message);
		if (i > 0)
			g_byte_array_append(
			        rest, (const guint8 *)next, (guint)strlen(next));
		g_byte_array_append(rest, bytes, (guint)size);
	}
	g_byte_array_append(rest, (const guint8 *)"\r\n", 2);
	return g_steal_pointer(&rest);
}

static gboolean
append_together(
        Mailbox *mailbox, const MailboxAppend *appends, guint count, GError **error)
{
	g_autofree char *quoted = quote_folder(appends->folder, error);
	g_autoptr(GByteArray) rest = multiappend_rest(appends, count);
	if (quoted == NULL)
		return FALSE;
	if (rest == NULL) {
		mailbox_set_unsayable("one of the mails", error);
		return FALSE;
	}
	g_autofree char *command = append_command(mailbox, appends, quoted, error);
	if (command == NULL || !mailbox_say(mailbox, command, error))
		return FALSE;
	if (!imap_dialog_send_raw(mailbox->dialog, rest->data, rest->len, error))
		return mailbox_give_up(mailbox);
	g_autoptr(ImapAnswer) answer = mailbox_hear(mailbox, NULL, NULL, error);
	if (answer != NULL && mailbox_check(mailbox, answer, "APPEND", error))
		return TRUE;
	g_prefix_error(error, "folder \"%s\": ", appends->folder);
	return FALSE;
}

gboolean
mailbox_append_all(
        Mailbox *mailbox, const GArray *appends, guint *appended, GError **error)
{
	const MailboxAppend *all = (const MailboxAppend *)(const void *)appends->data;
	gboolean many =
	        mailbox_can(mailbox, "MULTIAPPEND") && mailbox_can(mailbox, "LITERAL+");
	*appended = 0;
	for (guint i = 0, end; i < appends->len; i = *appended = end) {
		gsize bytes = 0;
		for (end = i; end < appends->len && (many || end == i) &&
		              bytes < TOGETHER_BYTES;
		        end++)
			bytes += g_bytes_get_size(all[end].bytes);
		gboolean done =
		        end - i > 1 ? append_together(mailbox, all + i, end - i, error)
		                    : mailbox_append(mailbox, all + i, NULL, error);
		if (!done)
			return FALSE;
	}
	return TRUE;
}

/* "[COPYUID 38505 304,319:320 3956:3958]" (RFC 4315 3), tagged after COPY, untagged before
 * the EXPUNGEs of a MOVE (RFC 6851 4.3). Only of one mail it is read. */
static gboolean
take_copied(ImapAnswer *answer, gpointer data)
{
	MailboxCopy *copy = data;
	if (!mailbox_is_code(answer, "COPYUID") || answer->code_text == NULL)
		return FALSE;
	g_auto(GStrv) words = g_strsplit(answer->code_text, " ", 4);
	if (g_strv_length(words) != 3 || strpbrk(words[2], ",:") != NULL)
		return TRUE;
	copy->uidvalidity = (guint32)g_ascii_strtoull(words[0], NULL, 10);
	copy->uid = (guint32)g_ascii_strtoull(words[2], NULL, 10);
	return TRUE;
}

static gboolean
move_set(Mailbox *mailbox, const char *verb, const char *set, const char *quoted,
        MailboxCopy *copy, GError **error)
{
	g_autofree char *command = g_strdup_printf("UID %s %s %s", verb, set, quoted);
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, take_copied, copy, error);
	if (answer != NULL && mailbox_is_code(answer, "TRYCREATE")) {
		if (!create_folder(mailbox, quoted, error))
			return FALSE;
		imap_answer_free(answer);
		answer = mailbox_ask(mailbox, command, take_copied, copy, error);
	}
	if (answer == NULL || !mailbox_check(mailbox, answer, verb, error))
		return FALSE;
	take_copied(answer, copy);
	return TRUE;
}

/* A plain EXPUNGE would also take what others marked: without UIDPLUS the marks stay. */
static gboolean
remove_copied(Mailbox *mailbox, const char *set, GError **error)
{
	g_autofree char *store =
	        g_strdup_printf("UID STORE %s +FLAGS.SILENT (\\Deleted)", set);
	g_autofree char *expunge = g_strdup_printf("UID EXPUNGE %s", set);
	if (!mailbox_order(mailbox, store, NULL, NULL, error))
		return FALSE;
	return !mailbox_can(mailbox, "UIDPLUS") ||
	       mailbox_order(mailbox, expunge, NULL, NULL, error);
}

gboolean
mailbox_move(Mailbox *mailbox, const GArray *uids, const char *folder,
        MailboxCopy *copy, GError **error)
{
	g_autofree char *quoted = quote_folder(folder, error);
	gboolean move = mailbox_can(mailbox, "MOVE");
	MailboxCopy found = { 0, 0 };
	if (quoted == NULL)
		return FALSE;
	g_autoptr(GPtrArray) sets = imap_sets(
	        (const guint32 *)(const void *)uids->data, uids->len, SET_MAX);
	for (guint i = 0; i < sets->len; i++) {
		const char *set = g_ptr_array_index(sets, i);
		if (!move_set(mailbox, move ? "MOVE" : "COPY", set, quoted, &found,
		            error) ||
		        (!move && !remove_copied(mailbox, set, error)))
			return FALSE;
	}
	if (copy != NULL)
		*copy = found;
	return TRUE;
}

gboolean
mailbox_remove(Mailbox *mailbox, guint32 uid, GError **error)
{
	g_autofree char *set = g_strdup_printf("%u", uid);
	return remove_copied(mailbox, set, error);
}

static gboolean
take_found(ImapAnswer *answer, gpointer data)
{
	GArray *found = data;
	if (g_strcmp0(answer->name, "SEARCH") != 0)
		return FALSE;
	for (guint i = 0; i < answer->values->len && found->len < FOUND_MAX; i++) {
		guint64 number;
		if (!imap_value_number(g_ptr_array_index(answer->values, i), &number))
			continue;
		guint32 uid = (guint32)number;
		g_array_append_val(found, uid);
	}
	return TRUE;
}

/* A search in whatever folder is selected. */
typedef struct {
	const char *command;
	GArray *found;
} Search;

static gboolean
run_search(Mailbox *mailbox, gpointer data, GError **error)
{
	Search *search = data;
	return mailbox_order(
	        mailbox, search->command, take_found, search->found, error);
}

static GArray *
search(Mailbox *mailbox, const char *folder, const char *command, guint32 *uidvalidity,
        GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint32));
	Search search = { command, found };
	Visit visit = { .folder = folder, .work = run_search, .data = &search };
	if (!mailbox_visit(mailbox, &visit, error))
		return NULL;
	if (uidvalidity != NULL)
		*uidvalidity = visit.uidvalidity;
	return g_steal_pointer(&found);
}

GArray *
mailbox_search_header(Mailbox *mailbox, const char *folder, const char *field,
        const char *value, GError **error)
{
	g_autofree char *quoted_field = imap_quote(field);
	g_autofree char *quoted_value = imap_quote(value);
	if (quoted_field == NULL || quoted_value == NULL) {
		mailbox_set_unsayable("a header value", error);
		return NULL;
	}
	g_autofree char *command =
	        g_strdup_printf("UID SEARCH HEADER %s %s", quoted_field, quoted_value);
	return search(mailbox, folder, command, NULL, error);
}

gboolean
mailbox_has(Mailbox *mailbox, guint32 uid, gboolean *has, GError **error)
{
	g_autofree char *command = g_strdup_printf("UID SEARCH UID %u", uid);
	g_autoptr(GArray) found = search(mailbox, NULL, command, NULL, error);
	*has = found != NULL && found->len > 0;
	return found != NULL;
}
