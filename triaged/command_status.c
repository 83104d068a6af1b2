#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/moment.h"
#include "base/text.h"
#include "desk/health.h"
#include "store/note.h"
#include "store/outbox_admin.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"
#include "triaged/table.h"

#define MAILBOX_SCOPE "mailbox/"
#define WORDS_CHARS 120

/* All that is shown, read in one go. */
typedef struct {
	const Settings *settings;
	gint64 since; /* of the mails counted; 0: all */
	HealthFacts facts;
	GPtrArray *mails;    /* of JournalCount */
	GPtrArray *troubles; /* of Trouble, the worst first */
} Status;

static void
status_clear(Status *status)
{
	health_facts_clear(&status->facts);
	g_clear_pointer(&status->mails, g_ptr_array_unref);
	g_clear_pointer(&status->troubles, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Status, status_clear)

static gboolean
status_read(Status *status, Store *store, GError **error)
{
	if (!health_read(store, status->settings, &status->facts, error) ||
	        (status->mails = journal_counts(store, status->since, error)) == NULL)
		return FALSE;
	status->troubles = health_judge(&status->facts);
	return TRUE;
}

/* What is shown as a scope: the mailboxes of the settings, also those never reached, and
 * whatever else has notes. Of char *. */
static GPtrArray *
status_scopes(const Status *status)
{
	GPtrArray *scopes = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < status->settings->mailboxes->len; i++) {
		const MailboxSettings *mailbox = status->settings->mailboxes->pdata[i];
		g_ptr_array_add(
		        scopes, g_strconcat(MAILBOX_SCOPE, mailbox->name, NULL));
	}
	for (guint i = 0; i < status->facts.notes->len; i++) {
		const Note *note = status->facts.notes->pdata[i];
		if (!g_ptr_array_find_with_equal_func(
		            scopes, note->scope, g_str_equal, NULL))
			g_ptr_array_add(scopes, g_strdup(note->scope));
	}
	return scopes;
}

static json_t *
scope_json(const Status *status, const char *scope)
{
	json_t *notes = json_object();
	for (guint i = 0; i < status->facts.notes->len; i++) {
		const Note *note = status->facts.notes->pdata[i];
		if (strcmp(note->scope, scope) != 0)
			continue;
		json_t *object = json_object();
		json_put_text(object, "value", note->value);
		json_put_time(object, "at", note->at);
		json_object_set_new(notes, note->key, object);
	}
	return notes;
}

static json_t *
outbox_json(const Status *status)
{
	json_t *array = json_array();
	for (guint i = 0; i < status->facts.outbox->len; i++) {
		const OutboxCount *count = status->facts.outbox->pdata[i];
		json_t *object = json_object();
		json_put_text(object, "kind", effect_kind_name(count->kind));
		json_put_text(
		        object, "state", effect_state_name(count->kind, count->state));
		json_object_set_new(object, "count", json_integer(count->count));
		json_put_time(object, "oldest", count->oldest);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
mails_json(const Status *status)
{
	json_t *array = json_array();
	for (guint i = 0; i < status->mails->len; i++) {
		const JournalCount *count = status->mails->pdata[i];
		json_t *object = json_object();
		json_put_text(
		        object, "class", count->class[0] != '\0' ? count->class : NULL);
		json_put_text(object, "outcome", journal_outcome_name(count->outcome));
		json_object_set_new(object, "count", json_integer(count->count));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
troubles_json(const Status *status)
{
	json_t *array = json_array();
	for (guint i = 0; i < status->troubles->len; i++) {
		const Trouble *trouble = status->troubles->pdata[i];
		json_t *object = json_object();
		json_put_text(object, "words", trouble->words);
		json_put_text(object, "advice", trouble_advice(trouble));
		json_array_append_new(array, object);
	}
	return array;
}

static void
print_json(const Status *status)
{
	json_t *object = json_object(), *places = json_object(), *breaker = json_null();
	g_autoptr(GPtrArray) scopes = status_scopes(status);
	for (guint i = 0; i < scopes->len; i++)
		json_object_set_new(
		        places, scopes->pdata[i], scope_json(status, scopes->pdata[i]));
	if (status->facts.breaker.since != 0) {
		breaker = json_object();
		json_put_time(breaker, "since", status->facts.breaker.since);
		json_put_text(breaker, "reason", status->facts.breaker.reason);
	}
	json_object_set_new(
	        object, "healthy", json_boolean(status->troubles->len == 0));
	json_object_set_new(object, "problems", troubles_json(status));
	json_object_set_new(object, "notes", places);
	json_object_set_new(object, "breaker", breaker);
	json_object_set_new(object, "outbox", outbox_json(status));
	json_object_set_new(object, "mails", mails_json(status));
	json_put_time(object, "since", status->since);
	json_print(object);
}

static void
print_scope(const Status *status, const char *scope)
{
	gboolean any = FALSE;
	g_autofree char *title = g_strdup(scope);
	printf("%s\n", g_strdelimit(title, "/", ' '));
	for (guint i = 0; i < status->facts.notes->len; i++) {
		const Note *note = status->facts.notes->pdata[i];
		if (strcmp(note->scope, scope) != 0)
			continue;
		g_autofree char *words = text_one_line(note->value, WORDS_CHARS);
		g_autofree char *at = moment_show(note->at);
		printf("  %-14s %s  %s\n", note->key, at, words);
		any = TRUE;
	}
	if (!any)
		puts("  not reached yet");
}

/* First of all, as the rest may be long. */
static void
print_health(const Status *status)
{
	guint count = status->troubles->len;
	if (count == 0)
		puts("healthy\n");
	else
		printf("NOT HEALTHY: %u problem%s\n", count, count == 1 ? "" : "s");
	for (guint i = 0; i < count; i++) {
		const Trouble *trouble = status->troubles->pdata[i];
		printf("  %s\n    %s\n", trouble->words, trouble_advice(trouble));
	}
	if (count > 0)
		puts("");
}

static void
print_outbox(const Status *status)
{
	static const char *const titles[] = { "OUTBOX", "STATE", ">COUNT", "OLDEST",
		NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < status->facts.outbox->len; i++) {
		const OutboxCount *count = status->facts.outbox->pdata[i];
		g_autofree char *number =
		        g_strdup_printf("%" G_GINT64_FORMAT, count->count);
		g_autofree char *oldest = moment_show(count->oldest);
		const char *cells[] = { effect_kind_name(count->kind),
			effect_state_name(count->kind, count->state), number, oldest };
		table_add(table, stdout, cells);
	}
	puts("");
	if (status->facts.outbox->len == 0)
		puts("the outbox is empty");
	table_print(table, stdout);
}

/* One row per class: the counts of all outcomes side by side. */
static void
add_class(Table *table, const char *class, const gint64 *counts)
{
	static const char none[] = "(not analysed)";
	g_autofree char *numbers[JOURNAL_ERROR + 2] = { NULL };
	const char *cells[JOURNAL_ERROR + 3] = { class[0] != '\0' ? class : none };
	gint64 total = 0;
	for (guint i = 0; i <= JOURNAL_ERROR; i++)
		total += counts[i];
	for (guint i = 0; i <= JOURNAL_ERROR + 1; i++) {
		gint64 count = i == 0 ? total : counts[i - 1];
		numbers[i] = g_strdup_printf("%" G_GINT64_FORMAT, count);
		cells[i + 1] = count != 0 ? numbers[i] : NULL;
	}
	table_add(table, stdout, cells);
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
		g_clear_pointer(&numbers[i], g_free);
}

static void
print_mails(const Status *status)
{
	static const char *const titles[] = { "MAILS", ">ALL", ">PENDING", ">REPLIED",
		">DRAFTED", ">HELD", ">NO-REPLY", ">ERROR", NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < status->mails->len;) {
		const JournalCount *first = status->mails->pdata[i];
		gint64 counts[JOURNAL_ERROR + 1] = { 0 };
		for (; i < status->mails->len; i++) {
			const JournalCount *count = status->mails->pdata[i];
			if (strcmp(count->class, first->class) != 0)
				break;
			counts[count->outcome] += count->count;
		}
		add_class(table, first->class, counts);
	}
	puts("");
	if (status->mails->len == 0)
		puts("no mail yet");
	table_print(table, stdout);
}

static void
print_text(const Status *status)
{
	g_autoptr(GPtrArray) scopes = status_scopes(status);
	print_health(status);
	for (guint i = 0; i < scopes->len; i++)
		print_scope(status, scopes->pdata[i]);
	print_outbox(status);
	print_mails(status);
}

static int
show_status(const CommandContext *context, gint64 since, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_auto(Status) status = { .since = since };
	if (!journal_desk_open(&desk, context, &error))
		return command_fail(error);
	status.settings = desk.settings;
	if (!status_read(&status, desk.store, &error))
		return command_fail(error);
	if (json)
		print_json(&status);
	else
		print_text(&status);
	if (fflush(stdout) != 0)
		return EX_IOERR;
	return status.troubles->len > 0 ? trouble_status(status.troubles->pdata[0])
	                                : EX_OK;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "since", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	gboolean json = FALSE;
	gint64 since = 0;
	g_autoptr(GError) error = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j': json = TRUE; break;
		case 's':
			if (moment_parse(optarg, clock_now(), &since, &error))
				break;
			command_complain(error->message);
			return EX_USAGE;
		default: return command_misused(&command_status);
		}
	}
	if (optind != argc)
		return command_misused(&command_status);
	return show_status(context, since, json);
}

const Command command_status = { "status", "[--since DATE|12h|7d] [--json]",
	"is it healthy, what is stuck and why; the mailboxes, the outbox, the journal",
	run,
	"Exit status 0: healthy; 69: a mailbox or the SMTP server is out of reach, or "
	"nobody\n"
	"looks into a mailbox; 75: something is stuck, such as replies that the "
	"breaker "
	"holds, a\n"
	"full disk, a reply of unknown fate, or one that nobody begins. Each problem "
	"comes with\nwhat to do; /healthz of metrics_listen tells of the same.\n" };
