#include "config.h"

#include "state.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

char *
state_make(void)
{
	char *directory = g_dir_make_tmp("triaged-store-XXXXXX", NULL);
	assert_non_null(directory);
	return directory;
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

void
state_remove(char *directory)
{
	if (directory != NULL)
		nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	g_free(directory);
}

gint64
state_add_mail(Store *store, guint number, const char *class, const char *missing,
        JournalOutcome outcome)
{
	gint64 id = 0;
	g_autofree char *sha256 = g_strdup_printf("%064x", number);
	g_autofree char *message_id = g_strdup_printf("<%u@example.it>", number);
	JournalMail mail = {
		.place = { S("assistenza"), S("INBOX"), 7, number },
		.sha256 = sha256,
		.message_id = message_id,
		.from_address = S("Anna@Example.it"),
		.subject = S("Non riesco a inviare"),
		.internaldate = NOW,
		.seen_at = NOW + number * G_USEC_PER_SEC,
		.nature = S("person"),
		.class = (char *)class,
		.confidence = 0.97,
		.missing = (char *)missing,
		.action = S("send"),
		.outcome = outcome,
		.case_json = S("{}"),
		.plan_json = S("[]"),
	};
	must(store_begin(store, &error));
	must(journal_add(store, &mail, &id, &error));
	must(store_commit(store, &error));
	return id;
}

gint64
state_add_effect(Store *store, gint64 mail, EffectKind kind, const char *payload)
{
	gint64 id = 0;
	g_autoptr(GBytes) bytes = g_bytes_new_static(payload, strlen(payload));
	Effect effect = {
		.mail = mail,
		.kind = kind,
		.place = { S("assistenza"), S("INBOX"), 7, (guint32)mail },
		.recipient = kind == EFFECT_REPLY ? S("Anna@Example.it") : NULL,
		.envelope_from = S(""),
		.payload = bytes,
	};
	must(store_begin(store, &error));
	must(outbox_add(store, &effect, NOW, &id, &error));
	must(store_commit(store, &error));
	return id;
}
