#include "triaged/check.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/errors.h"
#include "desk/sandbox.h"
#include "store/store.h"
#include "triaged/child.h"
#include "triaged/credential_check.h"
#include "triaged/probe.h"
#include "triaged/program.h"
#include "triaged/report_template.h"

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

/* All problems at once: of the secrets, and of what the servers say. */
static gboolean
check_servers(const Settings *settings, gboolean online)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(GError) error = NULL;
	if (online)
		probe_servers(settings, problems);
	else if (!credential_check(settings, &error))
		problems_take(problems, g_steal_pointer(&error));
	if (problems_none(problems, &error))
		return TRUE;
	program_complain(error);
	return FALSE;
}

/* The service does without it; who asks for the report a month later would not. */
static gboolean
check_report(const Settings *settings)
{
	g_autoptr(Wording) wording = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Template) template = report_template_load(
	        (const char *const *)settings->catalogue->pdata, &wording, &error);
	if (template == NULL)
		program_complain(error);
	return template != NULL;
}

static guint
warn_of(const GPtrArray *warnings)
{
	for (guint i = 0; warnings != NULL && i < warnings->len; i++)
		program_warn("%s", (const char *)g_ptr_array_index(warnings, i));
	return warnings != NULL ? warnings->len : 0;
}

static void
print_summary(const Generation *generation, guint warnings)
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
	printf("%u mailbox%s, %u classes, %u signatures, %u examples: ", mailboxes,
	        mailboxes == 1 ? "" : "es", classes->len, signatures, examples);
	if (warnings == 0)
		puts("all good");
	else
		printf("good, but see the %u warning%s\n", warnings,
		        warnings == 1 ? "" : "s");
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
	guint warnings = warn_of(generation->settings->warnings) +
	                 warn_of(generation->catalogue->warnings);
	gboolean good = check_state(generation->settings);
	good = check_report(generation->settings) && good;
	if (!check_servers(generation->settings, online) || !good)
		return EX_CONFIG;
	print_summary(generation, warnings);
	return EX_OK;
}
