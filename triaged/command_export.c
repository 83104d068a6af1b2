#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "store/person.h"
#include "store/quarantine.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"

/* The words of an effect as they stand, or in base64 where they are no text. */
static void
put_payload(json_t *object, GBytes *payload)
{
	gsize length;
	const char *bytes = g_bytes_get_data(payload, &length);
	if (length == 0)
		return;
	if (g_utf8_validate_len(bytes, length, NULL)) {
		json_object_set_new(object, "content", json_stringn(bytes, length));
		return;
	}
	g_autofree char *encoded = g_base64_encode((const guchar *)bytes, length);
	json_object_set_new(object, "content_base64", json_string(encoded));
}

static json_t *
effects_json(Store *store, gint64 mail, GError **error)
{
	json_t *array = json_array();
	g_autoptr(GPtrArray) effects = outbox_list(store, mail, error);
	for (guint i = 0; effects != NULL && i < effects->len; i++) {
		const Effect *listed = effects->pdata[i];
		g_autoptr(Effect) effect = outbox_get(store, listed->id, error);
		if (effect == NULL)
			break;
		json_t *object = json_effect(effect);
		put_payload(object, effect->payload);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
events_json(Store *store, gint64 mail, GError **error)
{
	g_autoptr(GPtrArray) events = journal_events(store, mail, error);
	return events != NULL ? json_events(events) : NULL;
}

static gboolean
export_mail(Store *store, gint64 id, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(JournalMail) mail = journal_get(store, id, error);
	if (mail == NULL)
		return FALSE;
	json_t *object = json_object();
	json_put_mail(object, mail);
	json_object_set_new(object, "finding",
	        mail->case_json != NULL ? json_loads(mail->case_json, 0, NULL)
	                                : json_null());
	json_object_set_new(object, "outbox", effects_json(store, id, &problem));
	if (problem == NULL)
		json_object_set_new(object, "events", events_json(store, id, &problem));
	if (problem != NULL) {
		json_decref(object);
		g_propagate_error(error, g_steal_pointer(&problem));
		return FALSE;
	}
	json_print(object);
	return TRUE;
}

/* Others' tickets that name the person are theirs: only which they are is told. */
static void
export_rest(Store *store, const Person *person, const char *address)
{
	json_t *object = json_object(), *mentions = json_array(), *kept = json_array();
	g_autoptr(GPtrArray) files = quarantine_find(store, address);
	for (guint i = 0; i < person->mentions->len; i++)
		json_array_append_new(mentions,
		        json_integer(g_array_index(person->mentions, gint64, i)));
	for (guint i = 0; i < files->len; i++)
		json_array_append_new(kept, json_string(files->pdata[i]));
	json_put_text(object, "address", address);
	json_object_set_new(object, "mails", json_integer(person->mails->len));
	json_object_set_new(object, "named_in_mails", mentions);
	json_object_set_new(object, "quarantine", kept);
	json_object_set_new(object, "refused_a_reply", json_boolean(person->bounced));
	json_print(object);
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_autoptr(Person) person = NULL;
	const char *address;
	int status = command_take_address(&command_export, argc, argv, &address);
	if (status != EX_OK)
		return status;
	if (!journal_desk_open(&desk, context, &error) ||
	        (person = person_find(desk.store, address, &error)) == NULL)
		return command_fail(error);
	export_rest(desk.store, person, address);
	for (guint i = 0; i < person->mails->len; i++)
		if (!export_mail(desk.store, g_array_index(person->mails, gint64, i),
		            &error))
			return command_fail(error);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

const Command command_export = { "export", "--address ADDRESS",
	"all that the store holds of a person, as JSON", run,
	"The first line sums up; then a line for each mail from or to the address and "
	"of its\n"
	"conversations: what was found, decided and answered. The mails themselves "
	"stand in\n"
	"the mailbox, and others' tickets that name the address are only numbered.\n" };
