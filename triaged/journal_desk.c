#include "triaged/journal_desk.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/moment.h"
#include "store/note.h"
#include "triage/case_json.h"
#include "triaged/workbench.h"

gboolean
journal_desk_open(JournalDesk *desk, const CommandContext *context, GError **error)
{
	*desk = (JournalDesk){ .settings = workbench_settings(context->config, error) };
	if (desk->settings == NULL)
		return FALSE;
	desk->store = store_open(desk->settings->state, STORE_EXISTING, error);
	return desk->store != NULL;
}

void
journal_desk_clear(JournalDesk *desk)
{
	g_clear_pointer(&desk->store, store_close);
	g_clear_pointer(&desk->settings, settings_free);
}

void
journal_desk_note(const JournalDesk *desk, const char *key, const char *words)
{
	if (!store_begin(desk->store, NULL))
		return;
	if (!note_set(desk->store, "store", key, words, clock_now(), NULL) ||
	        !store_commit(desk->store, NULL))
		store_rollback(desk->store);
}

void
json_put_text(json_t *object, const char *name, const char *text)
{
	g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;
	json_object_set_new(
	        object, name, valid != NULL ? json_string(valid) : json_null());
}

void
json_put_time(json_t *object, const char *name, gint64 time)
{
	g_autofree char *iso = moment_iso(time);
	json_put_text(object, name, iso);
}

void
json_print(json_t *object)
{
	g_autofree char *line = json_line(object);
	json_decref(object);
	puts(line);
}

/* A list that stands in one column; NULL is null. */
static void
put_list(json_t *object, const char *name, const char *list, const char *delimiter)
{
	if (list == NULL) {
		json_object_set_new(object, name, json_null());
		return;
	}
	json_t *array = json_array();
	g_auto(GStrv) words = g_strsplit(list, delimiter, -1);
	for (char **word = words; *word != NULL; word++) {
		if (**word != '\0')
			json_array_append_new(array, json_string(*word));
	}
	json_object_set_new(object, name, array);
}

static void
put_place(json_t *object, const Place *place)
{
	json_put_text(object, "mailbox", place->mailbox);
	json_put_text(object, "folder", place->folder);
	json_object_set_new(object, "uidvalidity", json_integer(place->uidvalidity));
	json_object_set_new(object, "uid", json_integer(place->uid));
}

void
json_put_mail(json_t *object, const JournalMail *mail)
{
	json_object_set_new(object, "id", json_integer(mail->id));
	json_put_text(object, "ticket", mail->token);
	json_put_text(object, "outcome", journal_outcome_name(mail->outcome));
	json_put_text(object, "action", mail->action);
	json_put_text(object, "reason", mail->reason);
	json_put_time(object, "received", mail->internaldate);
	json_put_time(object, "seen", mail->seen_at);
	json_put_text(object, "from", mail->from_address);
	json_put_text(object, "subject", mail->subject);
	json_put_text(object, "message_id", mail->message_id);
	json_put_text(object, "nature", mail->nature);
	json_put_text(object, "class", mail->class);
	json_put_text(object, "detail", mail->detail);
	json_object_set_new(object, "confidence", json_real(mail->confidence));
	put_list(object, "missing", mail->missing, ",");
	put_list(object, "tags", mail->tags, " ");
	json_put_text(object, "error", mail->error);
	put_place(object, &mail->place);
	json_put_text(object, "sha256", mail->sha256);
}

/* A tag's payload on one line; NULL for other kinds. */
static char *
effect_tags(const Effect *effect)
{
	gsize length;
	if (effect->kind != EFFECT_TAG || effect->payload == NULL)
		return NULL;
	const char *text = g_bytes_get_data(effect->payload, &length);
	return g_strdelimit(g_strndup(text != NULL ? text : "", length), "\n", ' ');
}

char *
effect_target(const Effect *effect)
{
	g_autofree char *tags = effect_tags(effect);
	if (tags != NULL)
		return g_strdup_printf("%s in %s", tags, effect->place.mailbox);
	if (effect->recipient != NULL)
		return g_strconcat("to ", effect->recipient, NULL);
	if ((effect->kind == EFFECT_HANDOVER || effect->kind == EFFECT_MOVE) &&
	        effect->payload != NULL) {
		g_autofree char *folder = effect_text(effect);
		return g_strdup_printf(
		        "to folder %s of %s", folder, effect->place.mailbox);
	}
	return g_strconcat("in ", effect->place.mailbox, NULL);
}

json_t *
json_effect(const Effect *effect)
{
	g_autofree char *tags = effect_tags(effect);
	json_t *object = json_object();
	json_object_set_new(object, "id", json_integer(effect->id));
	json_object_set_new(object, "mail",
	        effect->mail != 0 ? json_integer(effect->mail) : json_null());
	json_put_text(object, "kind", effect_kind_name(effect->kind));
	json_put_text(object, "state", effect_state_name(effect->kind, effect->state));
	json_object_set_new(object, "attempts", json_integer(effect->attempts));
	json_object_set_new(object, "code",
	        effect->code != 0 ? json_integer(effect->code) : json_null());
	json_put_text(object, "words", effect->words);
	put_list(object, "change", tags, " ");
	json_put_text(object, "recipient", effect->recipient);
	json_put_text(object, "message_id", effect->message_id);
	put_place(object, &effect->place);
	json_put_time(object, "added", effect->added_at);
	json_put_time(object, "next",
	        effect->next_at != EFFECT_AFTER_OUTCOME ? effect->next_at : 0);
	json_put_time(object, "changed", effect->changed_at);
	return object;
}

json_t *
json_events(const GPtrArray *events)
{
	json_t *array = json_array();
	for (guint i = 0; i < events->len; i++) {
		const JournalEvent *event = events->pdata[i];
		json_t *object = json_object();
		json_put_time(object, "at", event->at);
		json_put_text(object, "what", event->what);
		json_put_text(object, "detail", event->detail);
		json_array_append_new(array, object);
	}
	return array;
}

gboolean
id_parse(const char *text, gint64 *id, GError **error)
{
	guint64 value;
	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &value, NULL)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "'%s' is no number above 0", text);
		return FALSE;
	}
	*id = (gint64)value;
	return TRUE;
}
