/*
 * Settings: triaged.conf, read with libconfig, checked whole, immutable.
 *
 * Every problem is reported at once as FILE:LINE: message; an unknown setting names the
 * nearest known one. Secrets are never read here: only where they are.
 */
#pragma once

#include <glib.h>

#include "rules/catalogue.h"

/* How to reach one server. Exactly one of the credential sources is set, or none (no AUTH). */
typedef struct {
	char *url;  /* imaps://host[:port], imap://, smtps://, smtp:// */
	char *user; /* or NULL */
	char *password_file;
	char *password_command; /* split like a shell's words, run without a shell */
	char *token_command;    /* OAuth2 bearer token */
	guint command_seconds;  /* that either may take */
	char *credential;       /* a systemd credential's name */
	char *ca_file;          /* or NULL: the system's */
	gboolean tls_none;      /* tls = "none": plain allowed towards anybody */
	int line;               /* where the group stands, for messages */
} ServerSettings;

typedef struct {
	char *name;
	ServerSettings imap;
	char *folder; /* "INBOX" */
	char *drafts; /* NULL: by SPECIAL-USE; "": none */
	char *sent;   /* likewise */
	guint poll_seconds;
	gboolean idle;
	enum { START_NOW, START_ALL, START_DATE } start;
	gint64 start_date; /* seconds since the epoch, with START_DATE */
	enum { NOTE_NONE, NOTE_FOLDER } note;
	char *handover;              /* a folder, or NULL */
	GPtrArray *handover_headers; /* of char *: "X-Name: value {class}" */
} MailboxSettings;

typedef struct {
	ServerSettings server;
	char *envelope_from; /* "": <> */
	guint connections;
	gboolean resend_unknown; /* on_unknown = "resend" */
} SmtpSettings;

typedef struct {
	char *file;
	char *instance;
	char *state;
	int state_line;       /* where it is set; 0: it is not */
	GPtrArray *catalogue; /* of char *, NULL-terminated */
	int catalogue_line;   /* where it is set; 0: it is not */
	Mode mode;
	struct {
		char *name;
		char *address;      /* NULL when the group is absent */
		GPtrArray *aliases; /* of char * */
		GPtrArray *agents;  /* of char *: addresses or "*@example.it" */
	} identity;
	MailboxSettings defaults; /* what a mailbox has that does not say otherwise */
	GPtrArray *mailboxes; /* of MailboxSettings */
	SmtpSettings smtp;
	struct {
		guint max_age_hours; /* 0: none, as all limits here */
		guint per_sender_messages, per_sender_hours;
		guint per_conversation_messages;
		guint global_messages, global_minutes;
		char *authserv_id; /* or NULL: Authentication-Results are not looked at */
	} reply;
	struct {
		gsize message_bytes;
		guint parts, depth, analyse_seconds;
	} limits;
	GPtrArray *provider_hosts; /* of char *; maybe empty */
	guint analysts;
	char *metrics_file;     /* or NULL */
	guint metrics_seconds;  /* between two times it is written */
	char *metrics_listen;   /* fit for listen_address_parse(), or NULL */
	guint stall_seconds; /* without a sign of life, before a role is killed */
	guint retention_days; /* 0: for ever */
	GPtrArray *warnings; /* of char * */
} Settings;

/* Read and check a file. On failure the message holds every problem, one per line. */
Settings *settings_load(const char *file, GError **error);

/* The same for tools that only study mail: a group that just the service needs (mailboxes,
 * identity, smtp) may be absent. What is there must be right. */
Settings *settings_load_partial(const char *file, GError **error);

/* What holds without a file: the contract's defaults and the shipped catalogue. */
Settings *settings_default(void);

/* The catalogue of the settings' directories; one that is not there is told by its place. */
Catalogue *settings_load_catalogue(const Settings *settings, GError **error);

/* The shipped catalogue's directory: $TRIAGED_DATADIR/catalogue, beside the program
 * (../share/triaged, ../config), or the compiled-in one. */
char *settings_shipped_catalogue(void);

void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)
