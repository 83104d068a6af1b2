#include "triaged/credential_check.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"
#include "desk/credential.h"
#include "rules/settings_place.h"

/* Root can read what the service, which owns the state directory, cannot. */
static char *
find_unreadable(const Settings *settings, const char *file)
{
	struct stat state, secret;
	if (geteuid() != 0 || stat(settings->state, &state) != 0 || state.st_uid == 0 ||
	        stat(file, &secret) != 0 || secret.st_uid == state.st_uid ||
	        (secret.st_gid == state.st_gid && (secret.st_mode & S_IRGRP) != 0))
		return NULL;
	const struct passwd *user = getpwuid(state.st_uid);
	const char *name = user != NULL ? user->pw_name : "the owner of 'state'";
	return g_strdup_printf(
	        "%s: the service, which runs as %s, cannot read the password file: "
	        "chown %s it",
	        file, name, name);
}

void
credential_check_server(const Settings *settings, const ServerSettings *server,
        const char *place, Problems *problems)
{
	gboolean handed =
	        server->credential != NULL && g_getenv("CREDENTIALS_DIRECTORY") != NULL;
	g_autoptr(GError) error = NULL;
	if (server->password_file == NULL && !handed)
		return;
	g_autoptr(Endpoint) endpoint = credential_endpoint(server, &error);
	g_autofree char *unreadable =
	        endpoint != NULL && server->password_file != NULL
	                ? find_unreadable(settings, server->password_file)
	                : NULL;
	if (endpoint == NULL || unreadable != NULL)
		problems_take(problems,
		        g_error_new(TRIAGED_ERROR, ERROR_CONFIG, "%s: '%s': %s", place,
		                handed ? "credential" : "password_file",
		                endpoint == NULL ? error->message : unreadable));
}

gboolean
credential_check(const Settings *settings, GError **error)
{
	static const char *const smtp[] = { "smtp.password_file", "smtp.credential",
		NULL };
	g_autoptr(Problems) problems = problems_new();
	for (guint i = 0; i < settings->mailboxes->len; i++) {
		const MailboxSettings *mailbox =
		        g_ptr_array_index(settings->mailboxes, i);
		gboolean file = mailbox->imap.password_file != NULL;
		g_autofree char *place = settings_place_of_mailbox(
		        settings, i, file ? "imap.password_file" : "imap.credential");
		credential_check_server(settings, &mailbox->imap, place, problems);
	}
	if (settings->smtp.server.url != NULL) {
		g_autofree char *place = settings_place(settings, smtp);
		credential_check_server(
		        settings, &settings->smtp.server, place, problems);
	}
	return problems_none(problems, error);
}
