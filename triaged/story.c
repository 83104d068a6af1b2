#include "triaged/story.h"

#include <jansson.h>

#include "store/event.h"
#include "store/journal_list.h"
#include "store/outbox_admin.h"
#include "triaged/finding.h"
#include "triaged/journal_desk.h"

#define MAILS_MAX 200 /* of one conversation */
#define LINES_MAX 6   /* pieces of evidence told of one mail */

static void
moment_clear(gpointer element)
{
	g_free(((Moment *)element)->words);
}

static gint
moment_compare(gconstpointer one, gconstpointer other)
{
	gint64 first = ((const Moment *)one)->at, second = ((const Moment *)other)->at;
	return first < second ? -1 : first > second;
}

/* Takes words. */
static void
story_add(GArray *story, gint64 at, gint64 mail, char *words)
{
	Moment moment = { at, mail, words };
	if (at != 0)
		g_array_append_val(story, moment);
	else
		g_free(words);
}

static void
add_arrival(GArray *story, const JournalMail *mail)
{
	story_add(story, mail->internaldate, mail->id,
	        g_strdup_printf("received from %s: %s",
	                mail->from_address != NULL ? mail->from_address : "-",
	                mail->subject != NULL ? mail->subject : ""));
}

/* Only what a signature knows: the rest stands in the mail's own view. */
static void
add_evidence(GArray *story, const JournalMail *mail, const json_t *kase)
{
	size_t index;
	const json_t *evidence;
	guint told = 0;
	json_array_foreach(json_object_get(kase, "evidence"), index, evidence)
	{
		const char *text = finding_text(evidence, "text");
		const char *signature = finding_text(evidence, "signature");
		if (text == NULL || signature == NULL || told++ >= LINES_MAX)
			continue;
		g_autofree char *where = finding_place(evidence);
		story_add(story, mail->seen_at, mail->id,
		        g_strdup_printf(
		                "evidence (%s): %s [%s]", where, text, signature));
	}
}

/* "sender anna@example.it (report, part 2.2, line 3)", the best of each item. */
static void
add_items(GArray *story, const JournalMail *mail, const json_t *kase)
{
	size_t index;
	const json_t *item;
	const char *last = NULL;
	json_array_foreach(json_object_get(kase, "checklist"), index, item)
	{
		const char *name = finding_text(item, "item");
		const char *value = finding_text(item, "value");
		if (name == NULL || !finding_is_present(item) ||
		        g_strcmp0(name, last) == 0)
			continue;
		g_autofree char *where = finding_place(item);
		last = name;
		story_add(story, mail->seen_at, mail->id,
		        g_strdup_printf("found %s: %s (%s)", name,
		                value != NULL ? value : "", where));
	}
}

static void
add_verdict(GArray *story, const JournalMail *mail)
{
	gboolean missing = mail->missing != NULL && *mail->missing != '\0';
	if (mail->class == NULL) {
		story_add(story, mail->seen_at, mail->id,
		        g_strdup_printf("read, but not analysed: %s",
		                mail->error != NULL ? mail->error : "-"));
		return;
	}
	story_add(story, mail->seen_at, mail->id,
	        g_strdup_printf("judged %s%s%s, confidence %.2f%s%s", mail->class,
	                mail->detail != NULL ? "/" : "",
	                mail->detail != NULL ? mail->detail : "", mail->confidence,
	                missing ? ", missing " : "", missing ? mail->missing : ""));
	story_add(story, mail->seen_at, mail->id,
	        g_strdup_printf("reply: %s (%s)",
	                mail->action != NULL ? mail->action : "-",
	                mail->reason != NULL ? mail->reason : "-"));
}

static void
add_contradictions(GArray *story, const JournalMail *mail, const json_t *conversation)
{
	gsize i;
	const json_t *one;
	json_int_t number = json_integer_value(json_object_get(conversation, "mail"));
	json_array_foreach(json_object_get(conversation, "contradictions"), i, one)
	{
		if (json_integer_value(json_object_get(one, "new_mail")) == number)
			story_add(story, mail->seen_at, mail->id,
			        g_strdup_printf("%s: %s gave way to %s",
			                finding_text(one, "item"),
			                finding_text(one, "old"),
			                finding_text(one, "new")));
	}
}

/* What the mail changed in its conversation, and how that stands since. */
static void
add_turn(GArray *story, const JournalMail *mail, const json_t *kase)
{
	const json_t *conversation = json_object_get(kase, "conversation");
	const json_t *change = json_object_get(conversation, "class_change");
	const char *phase = finding_text(conversation, "phase");
	const char *reason = finding_text(conversation, "reason");
	if (json_is_object(change))
		story_add(story, mail->seen_at, mail->id,
		        g_strdup_printf("class changed from %s to %s",
		                finding_text(change, "from"),
		                finding_text(change, "to")));
	add_contradictions(story, mail, conversation);
	if (phase != NULL && !g_str_equal(phase, "open"))
		story_add(story, mail->seen_at, mail->id,
		        g_strdup_printf("conversation %s (%s)", phase,
		                reason != NULL ? reason : "-"));
}

static void
add_effect(GArray *story, const Effect *effect)
{
	const char *kind = effect_kind_name(effect->kind);
	g_autofree char *target = effect_target(effect);
	story_add(story, effect->added_at, effect->mail,
	        g_strdup_printf("outbox %" G_GINT64_FORMAT ": %s %s decided",
	                effect->id, kind, target));
	if (effect->state == EFFECT_QUEUED && effect->attempts == 0)
		return;
	GString *words = g_string_new(NULL);
	g_string_append_printf(words, "outbox %" G_GINT64_FORMAT ": %s %s, attempts %u",
	        effect->id, kind, effect_state_name(effect->kind, effect->state),
	        effect->attempts);
	if (effect->code != 0)
		g_string_append_printf(words, ", code %d", effect->code);
	if (effect->words != NULL)
		g_string_append_printf(words, ": %s", effect->words);
	story_add(story, effect->changed_at, effect->mail, g_string_free(words, FALSE));
}

static gboolean
add_doings(GArray *story, Store *store, gint64 mail, GError **error)
{
	g_autoptr(GPtrArray) effects = outbox_list(store, mail, error);
	g_autoptr(GPtrArray) events =
	        effects != NULL ? journal_events(store, mail, error) : NULL;
	if (events == NULL)
		return FALSE;
	for (guint i = 0; i < effects->len; i++)
		add_effect(story, g_ptr_array_index(effects, i));
	for (guint i = 0; i < events->len; i++) {
		const JournalEvent *event = g_ptr_array_index(events, i);
		story_add(story, event->at, mail,
		        g_strdup_printf("%s%s%s", event->what,
		                event->detail != NULL ? ": " : "",
		                event->detail != NULL ? event->detail : ""));
	}
	return TRUE;
}

static gboolean
add_mail(GArray *story, Store *store, const JournalMail *mail, GError **error)
{
	json_t *kase =
	        mail->case_json != NULL ? json_loads(mail->case_json, 0, NULL) : NULL;
	add_arrival(story, mail);
	add_evidence(story, mail, kase);
	add_items(story, mail, kase);
	add_verdict(story, mail);
	add_turn(story, mail, kase);
	json_decref(kase);
	return add_doings(story, store, mail->id, error);
}

typedef struct {
	GArray *story;
	Store *store;
	GError *error;
} Telling;

static gboolean
tell(const JournalMail *mail, gpointer data)
{
	Telling *telling = data;
	return add_mail(telling->story, telling->store, mail, &telling->error);
}

GArray *
story_read(Store *store, const JournalMail *mail, GError **error)
{
	g_autoptr(GArray) story = g_array_new(FALSE, FALSE, sizeof(Moment));
	g_array_set_clear_func(story, moment_clear);
	Telling telling = { .story = story, .store = store };
	JournalFilter thread = { .conversation = mail->conversation,
		.oldest_first = TRUE,
		.limit = MAILS_MAX,
		.whole = TRUE };
	if (mail->conversation == 0) {
		if (!add_mail(story, store, mail, error))
			return NULL;
	} else if (!journal_each(store, &thread, tell, &telling, error)) {
		return NULL;
	}
	if (telling.error != NULL) {
		g_propagate_error(error, telling.error);
		return NULL;
	}
	g_array_sort(story, moment_compare);
	return g_steal_pointer(&story);
}
