#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/errors.h"
#include "base/text.h"
#include "triage/case_json.h"
#include "triage/checklist.h"
#include "triaged/command.h"
#include "triaged/line_diff.h"
#include "triaged/mail_files.h"
#include "triaged/rehearsal.h"

#define VALUE_CHARS 120

typedef enum {
	CHANGED_CLASS,
	CHANGED_CHECKLIST,
	CHANGED_TAGS,
	CHANGED_REPLY,
	CHANGED_COUNT,
} Changed;

static const char *const changed_names[] = { "class", "checklist", "tags", "reply" };

G_STATIC_ASSERT(G_N_ELEMENTS(changed_names) == CHANGED_COUNT);

/* One thing that is not the same. */
typedef struct {
	Changed kind;
	const char *name; /* "class", "missing", "date" ... */
	char *from, *to;  /* NULL: nothing */
} Change;

/* What one configuration makes of a mail. */
typedef struct {
	const Workbench *workbench;
	Rehearsal *rehearsal;
	char *text; /* the reply's; NULL when none goes out */
} Side;

typedef struct {
	Workbench from, to;
	gboolean json;
	guint mails, differing, errors, counts[CHANGED_COUNT];
	int status;
} Replay;

static void
change_free(Change *change)
{
	g_free(change->from);
	g_free(change->to);
	g_free(change);
}

static void
side_clear(Side *side)
{
	g_clear_pointer(&side->rehearsal, rehearsal_free);
	g_clear_pointer(&side->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Side, side_clear)

static gboolean
side_make(Side *side, const Workbench *workbench, GBytes *mail, GError **error)
{
	side->workbench = workbench;
	side->rehearsal = rehearsal_new(workbench, mail, error);
	if (side->rehearsal == NULL)
		return FALSE;
	if (rehearsal_replies(side->rehearsal))
		side->text = rehearsal_text(side->rehearsal, workbench, error);
	return side->text != NULL || !rehearsal_replies(side->rehearsal);
}

/* Takes from and to. */
static void
compare(GPtrArray *changes, Changed kind, const char *name, char *from, char *to)
{
	if (g_strcmp0(from, to) == 0) {
		g_free(from);
		g_free(to);
		return;
	}
	Change *change = g_new0(Change, 1);
	*change = (Change){ kind, name, from, to };
	g_ptr_array_add(changes, change);
}

static char *
class_of(const Side *side)
{
	const Verdict *verdict = &side->rehearsal->kase->verdict;
	return verdict->detail != NULL
	               ? g_strdup_printf("%s/%s", verdict->class, verdict->detail)
	               : g_strdup(verdict->class);
}

static char *
tags_of(const Side *side)
{
	GString *tags = g_string_new(NULL);
	const Plan *plan = side->rehearsal->plan;
	for (guint i = 0; i < plan->tags->len; i++)
		g_string_append_printf(tags, "%s%s", i > 0 ? " " : "",
		        (const char *)plan->tags->pdata[i]);
	return g_string_free(tags, FALSE);
}

/* What the class asks for; NULL: nothing. */
static char *
asked_of(const Side *side)
{
	GString *names = g_string_new(NULL);
	const GArray *requirements = side->rehearsal->kase->requirements;
	for (guint i = 0; i < requirements->len; i++) {
		g_autofree char *name = requirement_name(
		        g_array_index(requirements, Requirement, i).kinds);
		g_string_append_printf(names, "%s%s", i > 0 ? "," : "", name);
	}
	return g_string_free(names, names->len == 0);
}

static char *
missing_of(const Side *side)
{
	g_autoptr(GPtrArray) names = checklist_missing(side->rehearsal->kase);
	g_ptr_array_add(names, NULL);
	return names->len > 1 ? g_strjoinv(",", (char **)names->pdata) : NULL;
}

static char *
item_of(const Side *side, ItemKind kind)
{
	const Item *item = case_item(side->rehearsal->kase, kind);
	return item != NULL ? g_strdup(item->value) : NULL;
}

static char *
fate_of(const Side *side)
{
	const Plan *plan = side->rehearsal->plan;
	return g_strdup_printf(
	        "%s (%s)", reply_action_name(plan->action), plan->reason);
}

static char *
template_of(const Side *side)
{
	const Plan *plan = side->rehearsal->plan;
	return side->text != NULL
	               ? g_strdup_printf("%s.%s", plan->template, plan->language)
	               : NULL;
}

/* Of Change. */
static GPtrArray *
changes_of(const Side *from, const Side *to)
{
	GPtrArray *changes =
	        g_ptr_array_new_with_free_func((GDestroyNotify)change_free);
	compare(changes, CHANGED_CLASS, "class", class_of(from), class_of(to));
	compare(changes, CHANGED_CHECKLIST, "asks", asked_of(from), asked_of(to));
	compare(changes, CHANGED_CHECKLIST, "missing", missing_of(from),
	        missing_of(to));
	for (int kind = 0; kind < ITEM_COUNT; kind++)
		compare(changes, CHANGED_CHECKLIST, item_name((ItemKind)kind),
		        item_of(from, (ItemKind)kind), item_of(to, (ItemKind)kind));
	compare(changes, CHANGED_TAGS, "tags", tags_of(from), tags_of(to));
	compare(changes, CHANGED_REPLY, "reply", fate_of(from), fate_of(to));
	compare(changes, CHANGED_REPLY, "to", g_strdup(from->rehearsal->plan->to),
	        g_strdup(to->rehearsal->plan->to));
	compare(changes, CHANGED_REPLY, "template", template_of(from), template_of(to));
	compare(changes, CHANGED_REPLY, "text", g_strdup(from->text),
	        g_strdup(to->text));
	return changes;
}

static char *
shown(const char *value)
{
	return value != NULL ? text_one_line(value, VALUE_CHARS) : g_strdup("none");
}

/* Of two texts only the lines that differ. */
static void
print_text_change(const Change *change)
{
	g_autofree char *difference = line_diff(change->from, change->to);
	g_auto(GStrv) lines = g_strsplit(difference, "\n", -1);
	puts("  text");
	for (char **line = lines; *line != NULL; line++) {
		g_autofree char *safe = text_one_line(*line, VALUE_CHARS);
		if (*safe != '\0')
			printf("    %s\n", safe);
	}
}

static void
print_changes(const char *name, const GPtrArray *changes)
{
	g_autofree char *file = text_to_utf8(name, -1);
	puts(file);
	for (guint i = 0; i < changes->len; i++) {
		const Change *change = changes->pdata[i];
		gboolean text = g_strcmp0(change->name, "text") == 0;
		g_autofree char *from = shown(change->from), *to = shown(change->to);
		if (!text)
			printf("  %-10s %s -> %s\n", change->name, from, to);
		else if (change->from != NULL && change->to != NULL)
			print_text_change(change);
	}
}

static json_t *
side_json(const Side *side, const char *file)
{
	json_t *object =
	        case_to_json(side->rehearsal->kase, side->rehearsal->plan, file);
	json_object_set_new(object, "text",
	        side->text != NULL ? json_string(side->text) : json_null());
	return object;
}

static void
print_object(json_t *object)
{
	g_autofree char *line = json_line(object);
	json_decref(object);
	puts(line);
}

static void
print_json(const char *name, const Side *from, const Side *to, const guint *differs)
{
	g_autofree char *file = text_to_utf8(name, -1);
	json_t *changed = json_array();
	for (int kind = 0; kind < CHANGED_COUNT; kind++) {
		if (differs[kind])
			json_array_append_new(
			        changed, json_string(changed_names[kind]));
	}
	print_object(json_pack("{s:s, s:o, s:o, s:o}", "file", file, "changed", changed,
	        "from", side_json(from, file), "to", side_json(to, file)));
}

static void
replay_sides(Replay *replay, const char *name, const Side *from, const Side *to)
{
	guint differs[CHANGED_COUNT] = { 0 };
	g_autoptr(GPtrArray) changes = changes_of(from, to);
	for (guint i = 0; i < changes->len; i++)
		differs[((const Change *)changes->pdata[i])->kind] = 1;
	for (int kind = 0; kind < CHANGED_COUNT; kind++)
		replay->counts[kind] += differs[kind];
	replay->differing += changes->len > 0;
	if (changes->len > 0 && replay->json)
		print_json(name, from, to, differs);
	else if (changes->len > 0)
		print_changes(name, changes);
}

static void
replay_error(Replay *replay, const char *name, const GError *error)
{
	g_autofree char *message =
	        name != NULL ? g_strdup_printf("%s: %s", name, error->message)
	                     : g_strdup(error->message);
	command_complain(message);
	replay->errors++;
	replay->status = error_exit_status(error);
}

static void
replay_mail(const char *name, GBytes *bytes, const GError *unreadable, gpointer data)
{
	Replay *replay = data;
	g_autoptr(GError) error = NULL;
	g_auto(Side) from = { 0 }, to = { 0 };
	if (bytes == NULL) {
		replay_error(replay, NULL, unreadable); /* it names the file */
	} else if (side_make(&from, &replay->from, bytes, &error) &&
	           side_make(&to, &replay->to, bytes, &error)) {
		replay->mails++;
		replay_sides(replay, name, &from, &to);
	} else {
		replay_error(replay, name, error);
	}
}

static void
print_summary(const Replay *replay)
{
	const guint *counts = replay->counts;
	if (!replay->json) {
		printf("mails %u, differing %u: class %u, checklist %u, tags %u, "
		       "reply %u\n",
		        replay->mails, replay->differing, counts[CHANGED_CLASS],
		        counts[CHANGED_CHECKLIST], counts[CHANGED_TAGS],
		        counts[CHANGED_REPLY]);
		return;
	}
	json_t *summary = json_pack("{s:i, s:i, s:i}", "mails", (int)replay->mails,
	        "errors", (int)replay->errors, "changed", (int)replay->differing);
	for (int kind = 0; kind < CHANGED_COUNT; kind++)
		json_object_set_new(
		        summary, changed_names[kind], json_integer(counts[kind]));
	print_object(json_pack("{s:o}", "summary", summary));
}

static int
replay_all(
        const CommandContext *context, const char *against, gboolean json, char **paths)
{
	g_autoptr(GError) error = NULL;
	Replay replay = { .json = json, .status = EX_OK };
	gboolean opened = workbench_open(&replay.from, context->config, &error) &&
	                  workbench_open(&replay.to, against, &error);
	for (char **path = paths; opened && *path != NULL; path++)
		mail_files_visit(*path, replay_mail, &replay);
	if (opened)
		print_summary(&replay);
	workbench_clear(&replay.from);
	workbench_clear(&replay.to);
	if (!opened)
		return command_fail(error);
	return fflush(stdout) == 0 ? replay.status : EX_IOERR;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "against", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	const char *against = NULL;
	gboolean json = FALSE;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'a': against = optarg; break;
		case 'j': json = TRUE; break;
		default: return command_misused(&command_replay);
		}
	}
	if (optind == argc || against == NULL)
		return command_misused(&command_replay);
	return replay_all(context, against, json, argv + optind);
}

const Command command_replay = { "replay",
	"--against FILE.conf [--json] FILE... | DIR... | -",
	"show what another configuration would make of the same mails", run,
	"Each mail is judged twice, as \"classify\" judges it: with the present "
	"configuration\n(-c FILE, else the usual one) and with FILE.conf. A mail is "
	"shown when its class,\nchecklist, tags or reply differ: what it was -> what "
	"it "
	"would "
	"be; of a reply's text the\nlines that go (-) and come (+). The last line "
	"counts. "
	"Exit 0, whether mails differ\nor not; 65 when one could not be read.\n" };
