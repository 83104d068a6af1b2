#include "triaged/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "desk/credential.h"
#include "net/mailbox.h"
#include "net/submission.h"
#include "rules/settings_place.h"
#include "triaged/credential_check.h"

/* Where the words of an error point to, and what to do; the first that fits. */
static const struct {
	const char *words;
	const char *settings[3]; /* which of them is there; NULL-terminated */
	const char *advice;      /* NULL: the words say it */
} faults[] = {
	{ "login refused", { "user" }, NULL },
	{ "no AUTH", { "user" },
	        "perhaps it is the port for other servers (25): submission is "
	        "smtps://, "
	        "or smtp:// with port 587; without a password, leave 'user' out" },
	{ "does not offer STARTTLS", { "url" }, NULL },
	{ "CA file", { "ca_file" }, "give a file of PEM certificates" },
	{ "as its certificate does", { "url" }, NULL },
	{ "certificate must be renewed", { "url" }, NULL },
	{ "certificate", { "ca_file", "url" }, NULL },
	{ "SSL", { "url" },
	        "imaps:// and smtps:// (993, 465) are encrypted from the start, "
	        "imap:// "
	        "and smtp:// (143, 587) by STARTTLS: does the port fit?" },
	{ "resolve", { "url" }, "is the name right, does the resolver work?" },
	{ "onnect", { "url" },
	        "is the port right, is the server up, does a firewall stand between?" },
	{ "envelope sender", { "envelope_from" },
	        "let the server take the null sender from this user, or set "
	        "'envelope_from' to an address that takes the bounces" },
	{ "cannot open folder", { "folder" },
	        "make the folder, or write its name as the server does, such as "
	        "INBOX.Help" },
	{ "", { "url" }, NULL },
};

/* A server under its group's name; index is a mailbox's, or -1. */
typedef struct {
	const Settings *settings;
	int index;
	Problems *problems;
} Probe;

static char *
place_of(const Probe *probe, const char *name)
{
	gboolean folder = strcmp(name, "folder") == 0;
	g_autofree char *full = g_strconcat(probe->index < 0 ? "smtp."
	                                    : folder         ? ""
	                                                     : "imap.",
	        name, NULL);
	const char *const names[] = { full, NULL };
	return probe->index < 0 ? settings_place(probe->settings, names)
	                        : settings_place_of_mailbox(
	                                  probe->settings, (guint)probe->index, full);
}

static gboolean
is_set(const ServerSettings *server, const char *name)
{
	return strcmp(name, "ca_file") != 0 || server->ca_file != NULL;
}

static void
complain(const Probe *probe, const ServerSettings *server, const char *what,
        const GError *error)
{
	gsize fault = 0;
	while (strstr(error->message, faults[fault].words) == NULL)
		fault++;
	const char *const *names = faults[fault].settings;
	while (names[1] != NULL && !is_set(server, names[0]))
		names++;
	g_autofree char *place = place_of(probe, names[0]);
	const char *advice = faults[fault].advice;
	problems_take(probe->problems,
	        g_error_new(TRIAGED_ERROR, ERROR_CONFIG, "%s: %s: %s%s%s", place, what,
	                error->message, advice != NULL ? ": " : "",
	                advice != NULL ? advice : ""));
}

/* The place of the secret itself: what is wrong with it is no server's matter. */
static char *
place_of_secret(const Probe *probe, const ServerSettings *server)
{
	return place_of(probe, server->password_file != NULL      ? "password_file"
	                       : server->password_command != NULL ? "password_command"
	                       : server->token_command != NULL    ? "token_command"
	                                                          : "credential");
}

/* With the credential read; NULL: the problem is told. */
static Endpoint *
open_endpoint(const Probe *probe, const ServerSettings *server, const char *name)
{
	g_autofree char *place = place_of_secret(probe, server);
	g_autoptr(GError) error = NULL;
	guint before = problems_count(probe->problems);
	credential_check_server(probe->settings, server, place, probe->problems);
	if (problems_count(probe->problems) > before)
		return NULL;
	Endpoint *endpoint = credential_endpoint(server, &error);
	if (endpoint != NULL)
		endpoint->inspect = TRUE;
	else
		problems_take(probe->problems,
		        g_error_new(TRIAGED_ERROR, ERROR_CONFIG, "%s: %s: %s", place,
		                name, error->message));
	return endpoint;
}

static void
print_facts(const char *name, const char *url, const GPtrArray *facts)
{
	printf("%s at %s\n", name, url);
	for (guint i = 0; i < facts->len; i++)
		printf("  %s\n", (const char *)g_ptr_array_index(facts, i));
	fflush(stdout);
}

static GPtrArray *
ask_mailbox(const Endpoint *endpoint, const char *folder, GError **error)
{
	g_autoptr(Mailbox) mailbox = mailbox_open(endpoint, folder, error);
	return mailbox != NULL ? mailbox_probe(mailbox, error) : NULL;
}

static void
probe_server(const Probe *probe, const ServerSettings *server)
{
	const Settings *settings = probe->settings;
	const MailboxSettings *mailbox =
	        probe->index >= 0 ? settings->mailboxes->pdata[probe->index] : NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *name = mailbox != NULL
	                                ? g_strdup_printf("mailbox '%s'", mailbox->name)
	                                : g_strdup("submission");
	g_autoptr(Endpoint) endpoint = open_endpoint(probe, server, name);
	if (endpoint == NULL)
		return;
	g_autoptr(GPtrArray) facts =
	        mailbox != NULL ? ask_mailbox(endpoint, mailbox->folder, &error)
	                        : submission_probe(endpoint,
	                                  settings->smtp.envelope_from, &error);
	if (facts != NULL)
		print_facts(name, server->url, facts);
	else
		complain(probe, server, name, error);
}

void
probe_servers(const Settings *settings, Problems *problems)
{
	Probe probe = { settings, -1, problems };
	for (guint i = 0; i < settings->mailboxes->len; i++) {
		const MailboxSettings *mailbox = settings->mailboxes->pdata[i];
		probe.index = (int)i;
		probe_server(&probe, &mailbox->imap);
	}
	probe.index = -1;
	if (settings->smtp.server.url != NULL)
		probe_server(&probe, &settings->smtp.server);
}
