#include "triaged/check.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/errors.h"
#include "desk/credential.h"
#include "desk/sandbox.h"
#include "net/mailbox.h"
#include "net/submission.h"
#include "store/store.h"
#include "triaged/child.h"
#include "triaged/program.h"

/* What is wrong with a server is told by the place of its group. */
static gboolean
complain(const Settings *settings, const ServerSettings *server, GError **error)
{
	g_prefix_error(error, "%s:%d: ", settings->file, server->line);
	program_complain(*error);
	return FALSE;
}

/* A state that is damaged or not made yet is the service's own affair. */
static gboolean
check_state(const Settings *settings)
{
	g_autoptr(GError) error = NULL;
	if (!g_file_test(settings->state, G_FILE_TEST_EXISTS))
		return TRUE;
	g_autoptr(Store) store = store_open(settings->state, STORE_EXISTING, &error);
	if (store != NULL || !g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG))
		return TRUE;
	g_prefix_error(&error, "%s:%d: ", settings->file, MAX(settings->state_line, 1));
	program_complain(error);
	return FALSE;
}

static gboolean
check_credential(const Settings *settings, const ServerSettings *server)
{
	g_autoptr(GError) error = NULL;
	if (server->password_file == NULL)
		return TRUE;
	if (!g_file_test(server->password_file, G_FILE_TEST_EXISTS)) {
		program_warn("%s:%d: no password file '%s'", settings->file,
		        server->line, server->password_file);
		return TRUE;
	}
	g_autoptr(Endpoint) endpoint = credential_endpoint(server, &error);
	return endpoint != NULL || complain(settings, server, &error);
}

static void
print_facts(const char *name, const GPtrArray *facts)
{
	printf("%s\n", name);
	for (guint i = 0; i < facts->len; i++)
		printf("  %s\n", (const char *)g_ptr_array_index(facts, i));
}

static gboolean
probe_mailbox(const Settings *settings, const MailboxSettings *mailbox_settings)
{
	g_autoptr(GError) error = NULL;
	const ServerSettings *server = &mailbox_settings->imap;
	g_autoptr(Endpoint) endpoint = credential_endpoint(server, &error);
	g_autoptr(Mailbox) mailbox =
	        endpoint != NULL
	                ? mailbox_open(endpoint, mailbox_settings->folder, &error)
	                : NULL;
	g_autoptr(GPtrArray) facts =
	        mailbox != NULL ? mailbox_probe(mailbox, &error) : NULL;
	g_autofree char *name = g_strdup_printf(
	        "mailbox '%s' at %s", mailbox_settings->name, server->url);
	if (facts == NULL) {
		g_prefix_error(&error, "%s: ", name);
		return complain(settings, server, &error);
	}
	print_facts(name, facts);
	return TRUE;
}

static gboolean
probe_submission(const Settings *settings)
{
	g_autoptr(GError) error = NULL;
	const SmtpSettings *smtp = &settings->smtp;
	g_autoptr(Endpoint) endpoint = credential_endpoint(&smtp->server, &error);
	g_autoptr(Submission) submission =
	        endpoint != NULL ? submission_new(endpoint) : NULL;
	g_autoptr(GPtrArray) facts =
	        submission != NULL
	                ? submission_probe(submission, smtp->envelope_from, &error)
	                : NULL;
	g_autofree char *name = g_strdup_printf("submission at %s", smtp->server.url);
	if (facts == NULL) {
		g_prefix_error(&error, "%s: ", name);
		return complain(settings, &smtp->server, &error);
	}
	print_facts(name, facts);
	return TRUE;
}

static gboolean
check_servers(const Settings *settings, gboolean online)
{
	gboolean good = TRUE;
	for (guint i = 0; i < settings->mailboxes->len; i++) {
		const MailboxSettings *mailbox =
		        g_ptr_array_index(settings->mailboxes, i);
		good = (online ? probe_mailbox(settings, mailbox)
		               : check_credential(settings, &mailbox->imap)) &&
		       good;
	}
	if (settings->smtp.server.url == NULL)
		return good;
	return (online ? probe_submission(settings)
	               : check_credential(settings, &settings->smtp.server)) &&
	       good;
}

static void
warn_of(const GPtrArray *warnings)
{
	for (guint i = 0; warnings != NULL && i < warnings->len; i++)
		program_warn("%s", (const char *)g_ptr_array_index(warnings, i));
}

static void
print_summary(const Generation *generation)
{
	guint signatures = 0, examples = 0;
	const GPtrArray *classes = generation->catalogue->classes;
	for (guint i = 0; i < classes->len; i++) {
		const Class *class = g_ptr_array_index(classes, i);
		signatures += class->signatures->len;
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature =
			        g_ptr_array_index(class->signatures, j);
			examples += signature->match->len + signature->no_match->len;
		}
	}
	g_autofree char *sandbox = sandbox_describe();
	guint mailboxes = generation->settings->mailboxes->len;
	printf("%u mailbox%s, %u classes, %u signatures, %u examples: all good\n",
	        mailboxes, mailboxes == 1 ? "" : "es", classes->len, signatures,
	        examples);
	printf("analysts are confined by: %s\n", sandbox);
}

int
check_config(const char *file, gboolean online)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Generation) generation = generation_load(file, &error);
	if (generation == NULL) {
		program_complain(error);
		return EX_CONFIG;
	}
	warn_of(generation->settings->warnings);
	warn_of(generation->catalogue->warnings);
	if (!check_state(generation->settings) ||
	        !check_servers(generation->settings, online))
		return EX_CONFIG;
	print_summary(generation);
	return EX_OK;
}
