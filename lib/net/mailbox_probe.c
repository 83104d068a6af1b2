#include "net/folder.h"
#include "net/mailbox_core.h"

static const struct {
	const char *capability, *present, *absent;
} facts[] = {
	{ "IDLE", "tells new mail at once (IDLE)",
	        "does not tell new mail (no IDLE): it is polled" },
	{ "CONDSTORE", "counts changes (CONDSTORE)",
	        "does not count changes (no CONDSTORE)" },
	{ "UIDPLUS", "tells the UIDs of appended mails (UIDPLUS)",
	        "does not tell the UIDs of appended mails (no UIDPLUS)" },
	{ "MOVE", "moves mails (MOVE)",
	        "copies and deletes instead of moving (no MOVE)" },
};

static void
add_line(GPtrArray *lines, const char *line)
{
	g_ptr_array_add(lines, g_strdup(line));
}

static void
probe_keywords(const Mailbox *mailbox, GPtrArray *lines)
{
	const MailboxState *state = mailbox_state(mailbox);
	if (state->read_only)
		add_line(lines, "read-only: no tag can be stored");
	else if (state->keywords_allowed)
		add_line(lines, "stores any keyword (PERMANENTFLAGS \\*)");
	else
		add_line(lines, "stores no new keyword (PERMANENTFLAGS without \\*): "
		                "tags are only journaled");
}

static gboolean
probe_use(Mailbox *mailbox, const char *use, GPtrArray *lines, GError **error)
{
	g_autofree char *name = NULL;
	if (!mailbox_special_use(mailbox, use, &name, error))
		return FALSE;
	if (name != NULL)
		g_ptr_array_add(
		        lines, g_strdup_printf("%s folder: \"%s\"", use + 1, name));
	else
		g_ptr_array_add(
		        lines, g_strdup_printf("%s folder: none marked", use + 1));
	return TRUE;
}

GPtrArray *
mailbox_probe(Mailbox *mailbox, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	const MailboxState *state = mailbox_state(mailbox);
	Session *session = imap_dialog_session(mailbox->dialog);
	g_ptr_array_add(lines,
	        g_strdup_printf("folder \"%s\": %u mails, UIDVALIDITY %u, UIDNEXT %u",
	                mailbox->folder, state->exists, state->uidvalidity,
	                state->uidnext));
	g_ptr_array_add(lines, session_describe_tls(session));
	add_line(lines, mailbox->endpoint->user != NULL ? "login accepted"
	                                                : "no login asked for");
	probe_keywords(mailbox, lines);
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		add_line(lines, mailbox_can(mailbox, facts[i].capability)
		                        ? facts[i].present
		                        : facts[i].absent);
	if (!probe_use(mailbox, "\\Drafts", lines, error) ||
	        !probe_use(mailbox, "\\Sent", lines, error))
		return NULL;
	return g_steal_pointer(&lines);
}
