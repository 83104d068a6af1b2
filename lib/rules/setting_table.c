#include "rules/setting_table.h"

#include <stddef.h>

#define IN_SETTINGS(member) offsetof(Settings, member)
#define IN_SERVER(member) offsetof(ServerSettings, member)
#define IN_MAILBOX(member) offsetof(MailboxSettings, member)

/* clang-format off */

static const char *const imap_schemes[] = { "imaps", "imap", NULL };
static const char *const smtp_schemes[] = { "smtps", "smtp", NULL };
static const char *const tls_choices[] = { "verify", "none", NULL };
static const char *const note_choices[] = { "none", "folder", NULL };
static const char *const unknown_choices[] = { "hold", "resend", NULL };

/* The server rows stand first in both tables: ServerSettings is the first member of its record. */
#define SERVER_ROWS(schemes) \
	{ "url", SETTING_URL, IN_SERVER(url), NULL, 0, 0, schemes, NULL, \
		"the server; without the final s STARTTLS is demanded" }, \
	{ "user", SETTING_TEXT, IN_SERVER(user), NULL, 0, 0, NULL, NULL, \
		"the name to log in with" }, \
	{ "password_file", SETTING_TEXT, IN_SERVER(password_file), NULL, 0, 0, NULL, NULL, \
		"the file whose first line is the password" }, \
	{ "password_command", SETTING_TEXT, IN_SERVER(password_command), NULL, 0, 0, NULL, NULL, \
		"the command that prints the password; run without a shell" }, \
	{ "token_command", SETTING_TEXT, IN_SERVER(token_command), NULL, 0, 0, NULL, NULL, \
		"the command that prints an OAuth2 bearer token; it is kept until it expires, as a second line expires_in=SECONDS or the token itself says, or is refused" }, \
	{ "command_seconds", SETTING_COUNT, IN_SERVER(command_seconds), "30", 1, 120, NULL, NULL, \
		"how long password_command or token_command may take" }, \
	{ "credential", SETTING_TEXT, IN_SERVER(credential), NULL, 0, 0, NULL, NULL, \
		"the systemd credential that holds the password" }, \
	{ "ca_file", SETTING_TEXT, IN_SERVER(ca_file), NULL, 0, 0, NULL, NULL, \
		"a further certificate authority to trust" }, \
	{ "tls", SETTING_CHOICE, IN_SERVER(tls_none), "verify", 0, 0, tls_choices, NULL, \
		"\"none\" allows an unencrypted connection to any host" }

static const SettingRow imap_rows[] = {
	SERVER_ROWS(imap_schemes),
	{ NULL },
};

static const SettingRow smtp_rows[] = {
	SERVER_ROWS(smtp_schemes),
	{ "envelope_from", SETTING_EMPTY, offsetof(SmtpSettings, envelope_from), "", 0, 0, NULL, NULL,
		"the envelope sender of replies; empty is the null sender, as RFC 3834 asks" },
	{ "connections", SETTING_COUNT, offsetof(SmtpSettings, connections), "2", 1, 16, NULL, NULL,
		"connections kept open at once" },
	{ "on_unknown", SETTING_CHOICE, offsetof(SmtpSettings, resend_unknown), "hold", 0, 0, unknown_choices, NULL,
		"what to do with a reply whose fate the network hid: an agent decides, or the same mail goes out once more" },
	{ NULL },
};

static const SettingRow mailbox_rows[] = {
	{ "name", SETTING_TEXT, IN_MAILBOX(name), NULL, 0, 0, NULL, NULL,
		"what logs and the journal call this mailbox" },
	{ "imap", SETTING_GROUP, IN_MAILBOX(imap), NULL, 0, 0, NULL, imap_rows,
		"the server of the mailbox" },
	{ "folder", SETTING_TEXT, IN_MAILBOX(folder), "INBOX", 0, 0, NULL, NULL,
		"the folder that is watched" },
	{ "drafts", SETTING_EMPTY, IN_MAILBOX(drafts), NULL, 0, 0, NULL, NULL,
		"where drafts go; absent: found by SPECIAL-USE; empty: nowhere" },
	{ "sent", SETTING_EMPTY, IN_MAILBOX(sent), NULL, 0, 0, NULL, NULL,
		"where a copy of each reply goes; absent: found by SPECIAL-USE; empty: nowhere" },
	{ "poll_seconds", SETTING_COUNT, IN_MAILBOX(poll_seconds), "60", 1, 86400, NULL, NULL,
		"how often to look when the server does not tell" },
	{ "idle", SETTING_YES_NO, IN_MAILBOX(idle), "true", 0, 0, NULL, NULL,
		"whether to let the server tell (IDLE)" },
	{ "start", SETTING_START, IN_MAILBOX(start), "now", 0, 0, NULL, NULL,
		"which mail a first start answers: what arrives from now on, all, or since a day" },
	{ "note", SETTING_CHOICE, IN_MAILBOX(note), "none", 0, 0, note_choices, NULL,
		"\"folder\" puts an internal note beside each ticket: class, evidence, found, missing, reply" },
	{ "handover", SETTING_TEXT, IN_MAILBOX(handover), NULL, 0, 0, NULL, NULL,
		"a folder for annotated copies that a ticket system reads; absent: none" },
	{ "handover_headers", SETTING_LIST, IN_MAILBOX(handover_headers), NULL, 0, 0, NULL, NULL,
		"further fields of these copies, such as \"X-OTRS-Queue: Posta::{class}\"" },
	{ NULL },
};

static const SettingRow identity_rows[] = {
	{ "name", SETTING_TEXT, IN_SETTINGS(identity.name), NULL, 0, 0, NULL, NULL,
		"the name that replies come from and are signed with" },
	{ "address", SETTING_TEXT, IN_SETTINGS(identity.address), NULL, 0, 0, NULL, NULL,
		"the address that replies come from" },
	{ "aliases", SETTING_LIST, IN_SETTINGS(identity.aliases), NULL, 0, 0, NULL, NULL,
		"further addresses of the support mailbox" },
	{ "agents", SETTING_LIST, IN_SETTINGS(identity.agents), NULL, 0, 0, NULL, NULL,
		"the agents' own addresses, such as \"*@help.example.it\"; where one has answered, only tags are set" },
	{ NULL },
};

static const SettingRow per_sender_rows[] = {
	{ "messages", SETTING_COUNT, IN_SETTINGS(reply.per_sender_messages), "5", 0, 100000, NULL, NULL,
		"replies to one address; 0: no limit" },
	{ "hours", SETTING_COUNT, IN_SETTINGS(reply.per_sender_hours), "24", 1, 8760, NULL, NULL,
		"within this time" },
	{ NULL },
};

static const SettingRow per_conversation_rows[] = {
	{ "messages", SETTING_COUNT, IN_SETTINGS(reply.per_conversation_messages), "3", 0, 100000, NULL, NULL,
		"replies in one conversation; 0: no limit" },
	{ NULL },
};

static const SettingRow global_rows[] = {
	{ "messages", SETTING_COUNT, IN_SETTINGS(reply.global_messages), "200", 0, 1000000, NULL, NULL,
		"replies to all; 0: no limit" },
	{ "minutes", SETTING_COUNT, IN_SETTINGS(reply.global_minutes), "20", 1, 44640, NULL, NULL,
		"within this time" },
	{ NULL },
};

static const SettingRow reply_rows[] = {
	{ "max_age_hours", SETTING_COUNT, IN_SETTINGS(reply.max_age_hours), "48", 0, 87600, NULL, NULL,
		"older mail is tagged and not answered; 0: no limit" },
	{ "per_sender", SETTING_GROUP, 0, NULL, 0, 0, NULL, per_sender_rows,
		"how many replies one address gets" },
	{ "per_conversation", SETTING_GROUP, 0, NULL, 0, 0, NULL, per_conversation_rows,
		"how many replies one conversation gets" },
	{ "global", SETTING_GROUP, 0, NULL, 0, 0, NULL, global_rows,
		"how many replies go out in all" },
	{ "authserv_id", SETTING_TEXT, IN_SETTINGS(reply.authserv_id), NULL, 0, 0, NULL, NULL,
		"the name under which our own server writes Authentication-Results; no other is believed" },
	{ NULL },
};

static const SettingRow limits_rows[] = {
	{ "message_bytes", SETTING_SIZE, IN_SETTINGS(limits.message_bytes), "26214400", 1024, 1073741824, NULL, NULL,
		"of a larger mail only the header and the first bytes are read" },
	{ "parts", SETTING_COUNT, IN_SETTINGS(limits.parts), "500", 1, 100000, NULL, NULL,
		"parts read of one mail" },
	{ "depth", SETTING_COUNT, IN_SETTINGS(limits.depth), "12", 1, 100, NULL, NULL,
		"how deep mails in mails are read" },
	{ "analyse_seconds", SETTING_COUNT, IN_SETTINGS(limits.analyse_seconds), "10", 1, 600, NULL, NULL,
		"how long one mail may take" },
	{ NULL },
};

static const SettingRow provider_rows[] = {
	{ "hosts", SETTING_LIST, IN_SETTINGS(provider_hosts), NULL, 0, 0, NULL, NULL,
		"whose refusals are our own, such as \"*.example.it\"" },
	{ NULL },
};

const SettingRow setting_table[] = {
	{ "instance", SETTING_TEXT, IN_SETTINGS(instance), NULL, 0, 0, NULL, NULL,
		"the name in the loop header and in Message-IDs; the host's name unless set" },
	{ "state", SETTING_TEXT, IN_SETTINGS(state), "/var/lib/triaged", 0, 0, NULL, NULL,
		"the directory of the store, the secret and the quarantine" },
	{ "catalogue", SETTING_LIST, IN_SETTINGS(catalogue), NULL, 0, 0, NULL, NULL,
		"the directories of the catalogue, later ones adding to earlier ones" },
	{ "mode", SETTING_CHOICE, IN_SETTINGS(mode), "send", 0, 0, mode_names, NULL,
		"the most that is done: look, tag, draft, send; a class may lower it" },
	{ "identity", SETTING_GROUP, 0, NULL, 0, 0, NULL, identity_rows,
		"who we are" },
	{ "mailboxes", SETTING_GROUPS, IN_SETTINGS(mailboxes), NULL, 0, 0, NULL, mailbox_rows,
		"the mailboxes that are watched" },
	/* All rows of a mailbox but the first, its name. */
	{ "defaults", SETTING_GROUP, IN_SETTINGS(defaults), NULL, 0, 0, NULL, mailbox_rows + 1,
		"what every mailbox has that does not say otherwise: the settings of mailboxes but the name; a mailbox's own credential replaces the one here" },
	{ "smtp", SETTING_GROUP, IN_SETTINGS(smtp), NULL, 0, 0, NULL, smtp_rows,
		"the server that replies go out through" },
	{ "reply", SETTING_GROUP, 0, NULL, 0, 0, NULL, reply_rows,
		"what may be answered" },
	{ "limits", SETTING_GROUP, 0, NULL, 0, 0, NULL, limits_rows,
		"what one mail may cost" },
	{ "provider", SETTING_GROUP, 0, NULL, 0, 0, NULL, provider_rows,
		"which hosts are our own" },
	{ "analysts", SETTING_COUNT, IN_SETTINGS(analysts), "2", 1, 64, NULL, NULL,
		"processes that read mail, per mailbox" },
	{ "metrics_file", SETTING_TEXT, IN_SETTINGS(metrics_file), NULL, 0, 0, NULL, NULL,
		"where the metrics are written, for node_exporter's textfile collector; absent: nowhere" },
	{ "metrics_seconds", SETTING_COUNT, IN_SETTINGS(metrics_seconds), "15", 1, 3600, NULL, NULL,
		"how often that file is written" },
	{ "metrics_listen", SETTING_TEXT, IN_SETTINGS(metrics_listen), NULL, 0, 0, NULL, NULL,
		"where /metrics and /healthz are served over HTTP: \"127.0.0.1:9762\", \"[::1]:9762\" or \"unix:/run/triaged/metrics.sock\", no other host's address; absent: nowhere" },
	{ "stall_seconds", SETTING_COUNT, IN_SETTINGS(stall_seconds), "300", 5, 3600, NULL, NULL,
		"how long a role may give no sign of life, beyond what one mail may take, before it is killed and started again" },
	{ "retention_days", SETTING_COUNT, IN_SETTINGS(retention_days), "365", 0, 36500, NULL, NULL,
		"what the journal holds of a mail is erased when nothing has happened to it for so long: addresses, subjects, findings, replies; 0: it is kept for ever" },
	{ NULL },
};

/* clang-format on */

char *
setting_row_form(const SettingRow *row)
{
	g_autofree char *choices = NULL;
	switch (row->type) {
	case SETTING_TEXT: return g_strdup("a text in quotes, not empty");
	case SETTING_EMPTY: return g_strdup("a text in quotes");
	case SETTING_URL:
		choices = g_strjoinv(":// or ", (char **)row->choices);
		return g_strdup_printf(
		        "a URL, %s:// before a host, with or without a port", choices);
	case SETTING_COUNT:
	case SETTING_SIZE:
		return g_strdup_printf("a whole number from %" G_GINT64_FORMAT
		                       " to %" G_GINT64_FORMAT,
		        row->least, row->most);
	case SETTING_YES_NO: return g_strdup("true or false");
	case SETTING_CHOICE:
		choices = g_strjoinv("\", \"", (char **)row->choices);
		return g_strdup_printf("one of \"%s\"", choices);
	case SETTING_LIST: return g_strdup("a list of texts, [ \"...\" ]");
	case SETTING_START:
		return g_strdup("\"now\", \"all\" or a day such as \"2026-11-01\"");
	case SETTING_GROUP: return g_strdup("a group in { }");
	case SETTING_GROUPS: return g_strdup("a list of groups, ( { } )");
	}
	return NULL;
}
