#include "triaged/check.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/errors.h"
#include "desk/credential.h"
#include "desk/sandbox.h"
#include "net/mailbox.h"
#include "net/submission.h"
#include "triaged/child.h"
#include "triaged/program.h"

#define KEYWORDS_MAX 26 /* what a Dovecot Maildir keeps in its file names */

static gboolean
check_credential(const ServerSettings *server)
{
	g_autoptr(GError) error = NULL;
	if (server->password_file == NULL)
		return TRUE;
	if (!g_file_test(server->password_file, G_FILE_TEST_EXISTS)) {
		program_warn(
		        "%s: the password file is not there", server->password_file);
		return TRUE;
	}
	g_autoptr(Endpoint) endpoint = credential_endpoint(server, &error);
	if (endpoint != NULL)
		return TRUE;
	program_complain(error);
	return FALSE;
}

static void
print_facts(const char *name, const GPtrArray *facts)
{
	printf("%s\n", name);
	for (guint i = 0; i < facts->len; i++)
		printf("  %s\n", (const char *)g_ptr_array_index(facts, i));
}

static gboolean
probe_mailbox(const MailboxSettings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Endpoint) endpoint = credential_endpoint(&settings->imap, &error);
	g_autoptr(Mailbox) mailbox =
	        endpoint != NULL ? mailbox_open(endpoint, settings->folder, &error)
	                         : NULL;
	g_autoptr(GPtrArray) facts =
	        mailbox != NULL ? mailbox_probe(mailbox, &error) : NULL;
	g_autofree char *name = g_strdup_printf(
	        "mailbox '%s' at %s", settings->name, settings->imap.url);
	if (facts == NULL) {
		g_prefix_error(&error, "%s: ", name);
		program_complain(error);
		return FALSE;
	}
	print_facts(name, facts);
	return TRUE;
}

static gboolean
probe_submission(const SmtpSettings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Endpoint) endpoint = credential_endpoint(&settings->server, &error);
	g_autoptr(Submission) submission =
	        endpoint != NULL ? submission_new(endpoint) : NULL;
	g_autoptr(GPtrArray) facts =
	        submission != NULL
	                ? submission_probe(submission, settings->envelope_from, &error)
	                : NULL;
	g_autofree char *name =
	        g_strdup_printf("submission at %s", settings->server.url);
	if (facts == NULL) {
		g_prefix_error(&error, "%s: ", name);
		program_complain(error);
		return FALSE;
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
		good = (online ? probe_mailbox(mailbox)
		               : check_credential(&mailbox->imap)) &&
		       good;
	}
	if (settings->smtp.server.url == NULL)
		return good;
	return (online ? probe_submission(&settings->smtp)
	               : check_credential(&settings->smtp.server)) &&
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
	printf("%u mailboxes, %u classes, %u signatures, %u examples: all good\n",
	        generation->settings->mailboxes->len, classes->len, signatures,
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
	guint tags = catalogue_tag_count(generation->catalogue);
	if (tags > KEYWORDS_MAX)
		program_warn("the catalogue sets %u different tags; a Dovecot Maildir "
		             "keeps only %d",
		        tags, KEYWORDS_MAX);
	warn_of(generation->settings->warnings);
	warn_of(generation->catalogue->warnings);
	if (!check_servers(generation->settings, online))
		return EX_CONFIG;
	print_summary(generation);
	return EX_OK;
}
