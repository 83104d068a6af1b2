#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/moment.h"
#include "base/text.h"
#include "triaged/command.h"
#include "triaged/finding.h"
#include "triaged/journal_desk.h"
#include "triaged/story.h"
#include "triaged/table.h"

#define TEXT_CHARS 300

/* One mail with all that the journal knows of it. */
typedef struct {
	JournalMail *mail;
	json_t *kase;       /* the contract's object; NULL when analysis failed */
	GPtrArray *places;  /* of Place, the latest first */
	GPtrArray *effects; /* of Effect, in the order added */
	GPtrArray *events;  /* of JournalEvent, in order */
	GArray *story;      /* of Moment: the whole conversation's, in order */
} Dossier;

static void
dossier_clear(Dossier *dossier)
{
	g_clear_pointer(&dossier->mail, journal_mail_free);
	g_clear_pointer(&dossier->kase, json_decref);
	g_clear_pointer(&dossier->places, g_ptr_array_unref);
	g_clear_pointer(&dossier->effects, g_ptr_array_unref);
	g_clear_pointer(&dossier->events, g_ptr_array_unref);
	g_clear_pointer(&dossier->story, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Dossier, dossier_clear)

static gboolean
dossier_read(Dossier *dossier, Store *store, gint64 id, GError **error)
{
	if ((dossier->mail = journal_get(store, id, error)) == NULL ||
	        (dossier->places = journal_places(store, id, error)) == NULL ||
	        (dossier->effects = outbox_list(store, id, error)) == NULL ||
	        (dossier->events = journal_events(store, id, error)) == NULL ||
	        (dossier->story = story_read(store, dossier->mail, error)) == NULL)
		return FALSE;
	if (dossier->mail->case_json != NULL)
		dossier->kase = json_loads(dossier->mail->case_json, 0, NULL);
	return TRUE;
}

static json_t *
story_json(const GArray *story)
{
	json_t *array = json_array();
	for (guint i = 0; i < story->len; i++) {
		const Moment *moment = &g_array_index(story, Moment, i);
		json_t *object = json_object();
		json_put_time(object, "at", moment->at);
		json_object_set_new(object, "mail", json_integer(moment->mail));
		json_put_text(object, "words", moment->words);
		json_array_append_new(array, object);
	}
	return array;
}

/* The case as it was judged, and beside it what the journal says now. */
static void
print_json(const Dossier *dossier)
{
	/* "tags" is what the analysis set, as in every JSON of a case; what the mail carries
	 * now, its outcome included, is "keywords". */
	json_t *object = json_object(), *effects = json_array();
	json_put_mail(object, dossier->mail);
	if (dossier->kase != NULL) {
		json_t *now = json_deep_copy(object);
		json_object_update(object, dossier->kase);
		if (dossier->mail->missing != NULL)
			json_object_set(
			        object, "missing", json_object_get(now, "missing"));
		json_object_set(object, "keywords", json_object_get(now, "tags"));
		json_decref(now);
	}
	for (guint i = 0; i < dossier->effects->len; i++)
		json_array_append_new(effects, json_effect(dossier->effects->pdata[i]));
	json_object_set_new(object, "outbox", effects);
	json_object_set_new(object, "events", json_events(dossier->events));
	json_object_set_new(object, "story", story_json(dossier->story));
	json_print(object);
}

static void
print_field(const char *name, const char *value)
{
	g_autofree char *safe = value != NULL ? text_one_line(value, TEXT_CHARS) : NULL;
	printf("  %-11s %s\n", name, safe != NULL && *safe != '\0' ? safe : "-");
}

static void
print_verdict(const Dossier *dossier)
{
	const JournalMail *mail = dossier->mail;
	const json_t *runner_up = json_object_get(dossier->kase, "runner_up");
	g_autoptr(GString) words = g_string_new(mail->class);
	if (mail->class == NULL)
		return;
	if (mail->detail != NULL)
		g_string_append_printf(words, "/%s", mail->detail);
	g_string_append_printf(words, ", confidence %.2f", mail->confidence);
	if (json_is_object(runner_up))
		g_string_append_printf(words, " (next: %s, %.2f)",
		        finding_text(runner_up, "class"),
		        json_number_value(json_object_get(runner_up, "confidence")));
	print_field("nature", mail->nature);
	print_field("class", words->str);
	print_field("missing", mail->missing);
}

static void
print_outcome(const JournalMail *mail)
{
	g_autofree char *at = moment_show(mail->outcome_at);
	g_autofree char *outcome =
	        g_strdup_printf("%s since %s", journal_outcome_name(mail->outcome), at);
	g_autofree char *plan =
	        mail->reason != NULL
	                ? g_strdup_printf("%s (%s)", mail->action, mail->reason)
	                : g_strdup(mail->action);
	print_field("tags", mail->tags);
	print_field("reply", plan);
	print_field("outcome", outcome);
	if (mail->error != NULL)
		print_field("error", mail->error);
}

static void
print_head(const Dossier *dossier)
{
	const JournalMail *mail = dossier->mail;
	g_autofree char *received = moment_show(mail->internaldate);
	printf("mail %" G_GINT64_FORMAT "%s%s\n", mail->id,
	        mail->token != NULL ? "  " : "",
	        mail->token != NULL ? mail->token : "");
	print_field("subject", mail->subject);
	print_field("from", mail->from_address);
	print_field("received", received);
	print_field("message-id", mail->message_id);
	for (guint i = 0; i < dossier->places->len; i++) {
		const Place *place = dossier->places->pdata[i];
		g_autofree char *where =
		        g_strdup_printf("%s, folder %s, UID %u (of %u)", place->mailbox,
		                place->folder, place->uid, place->uidvalidity);
		print_field(i == 0 ? "where" : "before", where);
	}
	print_verdict(dossier);
	print_outcome(mail);
}

static void
print_evidence(const Dossier *dossier)
{
	size_t index;
	json_t *evidence;
	const json_t *all = json_object_get(dossier->kase, "evidence");
	if (json_array_size(all) > 0)
		puts("\nevidence");
	json_array_foreach(all, index, evidence)
	{
		const char *text = finding_text(evidence, "text");
		const char *signature = finding_text(evidence, "signature");
		g_autofree char *where = finding_place(evidence);
		g_autofree char *safe =
		        text_one_line(text != NULL ? text : "", TEXT_CHARS);
		printf("  %s: %s\n      %s\n", where, safe,
		        signature != NULL ? signature : "no signature knows it");
	}
}

static void
print_items(const Dossier *dossier)
{
	static const char *const titles[] = { "ITEM", "VALUE", "FOUND IN", NULL };
	g_autoptr(Table) table = table_new(titles);
	size_t index;
	json_t *item;
	json_array_foreach(json_object_get(dossier->kase, "checklist"), index, item)
	{
		gboolean found = finding_is_present(item);
		g_autofree char *name =
		        g_strconcat("  ", finding_text(item, "item"), NULL);
		g_autofree char *where = found ? finding_place(item) : NULL;
		const char *cells[] = { name,
			found ? finding_text(item, "value") : "MISSING", where };
		table_add(table, stdout, cells);
	}
	if (json_array_size(json_object_get(dossier->kase, "checklist")) > 0)
		puts("");
	table_print(table, stdout);
}

/* With the number of the mail where the conversation has several. */
static void
print_story(const Dossier *dossier)
{
	gboolean many = FALSE;
	for (guint i = 0; i < dossier->story->len; i++)
		many = many || g_array_index(dossier->story, Moment, i).mail !=
		                       dossier->mail->id;
	puts("\nstory");
	for (guint i = 0; i < dossier->story->len; i++) {
		const Moment *moment = &g_array_index(dossier->story, Moment, i);
		g_autofree char *at = moment_show(moment->at);
		g_autofree char *words = text_one_line(moment->words, TEXT_CHARS);
		if (many)
			printf("  %s  mail %" G_GINT64_FORMAT ": %s\n", at,
			        moment->mail, words);
		else
			printf("  %s  %s\n", at, words);
	}
}

static void
print_text(const Dossier *dossier)
{
	print_head(dossier);
	print_evidence(dossier);
	print_items(dossier);
	print_story(dossier);
}

static int
show(const CommandContext *context, gint64 id, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_auto(Dossier) dossier = { 0 };
	if (!journal_desk_open(&desk, context, &error) ||
	        !dossier_read(&dossier, desk.store, id, &error))
		return command_fail(error);
	if (json)
		print_json(&dossier);
	else
		print_text(&dossier);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	int json = FALSE;
	const struct option options[] = {
		{ "json", no_argument, &json, TRUE },
		{ NULL, 0, NULL, 0 },
	};
	if (!command_take_flags(argc, argv, options) || argc - optind != 1)
		return command_misused(&command_show);
	g_autoptr(GError) error = NULL;
	gint64 id;
	if (!id_parse(argv[optind], &id, &error)) {
		command_complain(error->message);
		return EX_USAGE;
	}
	return show(context, id, json);
}

const Command command_show = { "show", "[--json] ID",
	"one mail and the story of its ticket: what was found, decided, done and "
	"changed",
	run, NULL };
