#include "talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/delivery.h"
#include "mail/mail.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "triage/analyse.h"

/* Wednesday 4 November 2026, 10:00 in Italy */
#define BEGIN (G_GINT64_CONSTANT(1793782800) * G_USEC_PER_SEC)

static const char picture[] =
        "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAGCAIAAABxZ0isAAAAN0lEQVR4nGOIFJq15nfO6306QZ/5\n"
        "Pjs5cX5X1WsCiTFgEwSJMWATBIkxYBMEiTFgEwSJMeCyHABTxkSGmFolrgAAAABJRU5ErkJggg=="
        "\n";

Talk *
talk_new(const Catalogue *catalogue)
{
	Talk *talk = g_new0(Talk, 1);
	log_open("test-conversations", NULL, LOG_LEVEL_ERROR);
	clock_pin(BEGIN);
	talk->store = store_open_memory(NULL);
	assert_non_null(talk->store);
	talk->settings = settings_default();
	talk->settings->identity.name = g_strdup("Assistenza");
	talk->settings->identity.address = g_strdup(TALK_DESK);
	talk->settings->reply.per_sender_messages = 0;
	talk->catalogue = catalogue;
	talk->mailbox.name = (char *)"assistenza";
	talk->mailbox.folder = (char *)"INBOX";
	talk->mailbox.start = START_ALL;
	talk->cursor.uidvalidity = 1;
	talk->role.settings = talk->settings;
	talk->role.catalogue = catalogue;
	talk->flags =
	        g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	return talk;
}

void
talk_free(Talk *talk)
{
	if (talk == NULL)
		return;
	clock_pin(0);
	store_close(talk->store);
	settings_free(talk->settings);
	g_ptr_array_unref(talk->flags);
	g_free(talk->reply);
	g_free(talk->reply_id);
	g_free(talk->references);
	g_free(talk->subject);
	g_free(talk);
}

static GHashTable *
flags_of(const Talk *talk, guint32 uid)
{
	while (talk->flags->len < uid)
		g_ptr_array_add(talk->flags,
		        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
	return g_ptr_array_index(talk->flags, uid - 1);
}

char *
talk_flags(const Talk *talk, guint32 uid)
{
	g_autoptr(GList) keys = g_hash_table_get_keys(flags_of(talk, uid));
	GString *out = g_string_new(NULL);
	keys = g_list_sort(keys, (GCompareFunc)strcmp);
	for (GList *key = keys; key != NULL; key = key->next)
		g_string_append_printf(
		        out, "%s%s", out->len > 0 ? " " : "", (char *)key->data);
	return g_string_free(out, FALSE);
}

/* What desk/tagging does on a server, on the sets that stand for it. */
static void
store_tags(const Talk *talk, const Effect *effect)
{
	gsize size;
	const char *data = g_bytes_get_data(effect->payload, &size);
	g_autofree char *text = g_strndup(data, size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	GHashTable *flags = flags_of(talk, effect->place.uid);
	for (char **line = lines; *line != NULL; line++)
		if (**line == '?' && !g_hash_table_contains(flags, *line + 1))
			return;
	for (char **line = lines; *line != NULL; line++) {
		if (**line == '+')
			g_hash_table_add(flags, g_strdup(*line + 1));
		else if (**line == '-')
			g_hash_table_remove(flags, *line + 1);
	}
}

static char *
header_of(const Mail *mail, const char *name)
{
	return g_strdup(header_get(mail->header, name));
}

static void
take_reply(Talk *talk, const Effect *effect)
{
	g_autoptr(Mail) mail = mail_parse(effect->payload, &MAIL_LIMITS_DEFAULT, NULL);
	assert_non_null(mail);
	g_free(talk->reply);
	g_free(talk->reply_id);
	g_free(talk->references);
	g_free(talk->subject);
	talk->answered = TRUE;
	talk->reply = g_strdup(mail->root->text);
	talk->reply_id = g_strdup(mail->message_id);
	talk->references = header_of(mail, "References");
	talk->subject = g_strdup(mail->subject);
}

static void
carry_out(Talk *talk, const Effect *effect)
{
	const EffectFinish done = { .result = RESULT_DONE, .code = 250 };
	EffectState state;
	if (effect->kind == EFFECT_TAG)
		store_tags(talk, effect);
	if (effect->kind == EFFECT_REPLY)
		take_reply(talk, effect);
	assert_true(outbox_mark_attempted(talk->store, effect->id, clock_now(), NULL));
	assert_true(outbox_finish(
	        talk->store, effect->id, &done, clock_now(), &state, NULL));
	if (effect->kind == EFFECT_REPLY)
		assert_true(delivery_settle(talk->store, effect, state, NULL));
}

/* Whatever the outbox holds, and what follows from it. */
static void
drain(Talk *talk)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER | EFFECTS_OF_WATCHER,
		.owner = "test" };
	guint count;
	do {
		assert_true(store_begin(talk->store, NULL));
		g_autoptr(GPtrArray) claimed =
		        outbox_claim(talk->store, &claim, clock_now(), NULL);
		assert_non_null(claimed);
		count = claimed->len;
		for (guint i = 0; i < claimed->len; i++)
			carry_out(talk, g_ptr_array_index(claimed, i));
		assert_true(store_commit(talk->store, NULL));
	} while (count > 0);
}

gint64
talk_deliver_bytes(Talk *talk, GBytes *bytes)
{
	g_autoptr(GError) error = NULL;
	const AnalyseContext context = { .catalogue = talk->catalogue,
		.settings = talk->settings };
	Intake intake = { .store = talk->store,
		.role = &talk->role,
		.mailbox = &talk->mailbox,
		.cursor = &talk->cursor };
	Arrival *arrival = g_new0(Arrival, 1);
	Place place = { talk->mailbox.name, talk->mailbox.folder, 1, ++talk->uid };
	gint64 id = 0;
	arrival->uid = talk->uid;
	arrival->internaldate = clock_now() / G_USEC_PER_SEC;
	arrival->sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	arrival->kase = analyse(bytes, &context, &error);
	assert_non_null(arrival->kase);
	talk->answered = FALSE;
	assert_true(store_begin(talk->store, NULL));
	if (!intake_record(&intake, arrival, &error))
		fail_msg("%s", error->message);
	assert_true(store_commit(talk->store, NULL));
	arrival_free(arrival);
	drain(talk);
	assert_true(journal_find_place(talk->store, &place, &id, NULL));
	clock_pin(clock_now() + G_TIME_SPAN_HOUR);
	return id;
}

static void
append_body(GString *out, const TalkMail *mail)
{
	if (!mail->picture) {
		g_string_append_printf(out,
		        "Content-Type: text/plain; charset=utf-8\n\n%s\n", mail->body);
		return;
	}
	g_string_append_printf(out,
	        "Content-Type: multipart/mixed; boundary=\"grenze\"\n\n"
	        "--grenze\nContent-Type: text/plain; charset=utf-8\n\n%s\n"
	        "--grenze\nContent-Type: image/png; name=\"errore.png\"\n"
	        "Content-Disposition: attachment; filename=\"errore.png\"\n"
	        "Content-Transfer-Encoding: base64\n\n%s\n--grenze--\n",
	        mail->body, picture);
}

gint64
talk_deliver(Talk *talk, const TalkMail *mail)
{
	g_autoptr(GDateTime) now =
	        g_date_time_new_from_unix_utc(clock_now() / G_USEC_PER_SEC);
	g_autofree char *date = g_date_time_format(now, "%a, %d %b %Y %H:%M:%S +0000");
	const char *from = mail->from != NULL ? mail->from : TALK_CUSTOMER;
	GString *out = g_string_new(NULL);
	g_string_append_printf(out,
	        "From: Anna Bassi <%s>\nTo: %s\nSubject: %s\nDate: %s\n"
	        "Message-ID: <m%u@officinabassi.example.it>\nMIME-Version: 1.0\n",
	        from, mail->to != NULL ? mail->to : TALK_DESK, mail->subject, date,
	        talk->uid + 1);
	if (mail->answers)
		g_string_append_printf(out, "In-Reply-To: %s\nReferences: %s %s\n",
		        talk->reply_id, talk->references, talk->reply_id);
	append_body(out, mail);
	g_autoptr(GBytes) bytes = g_string_free_to_bytes(out);
	return talk_deliver_bytes(talk, bytes);
}
