#include "config.h"

#include "state.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

int
state_open_memory(void **state)
{
	must(*state = store_open_memory(&error));
	return 0;
}

int
state_close_memory(void **state)
{
	store_close(*state);
	return 0;
}

int
state_make_directory(void **state)
{
	*state = state_make();
	return 0;
}

int
state_remove_directory(void **state)
{
	state_remove(*state);
	return 0;
}

Store *
state_open(const char *directory)
{
	Store *store;
	must(store = store_open(directory, STORE_CREATE, &error));
	return store;
}

void
state_in_child(int (*check)(const char *directory), const char *directory)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(check(directory));
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
state_says(gboolean done, const GError *error, int code, const char *words)
{
	if (!done && error != NULL && error->code == code &&
	        strstr(error->message, words) != NULL)
		return 0;
	fprintf(stderr, "wanted '%s', got %s\n", words,
	        error != NULL ? error->message : "no error");
	return 1;
}

gint64
state_journal(Store *store, const JournalMail *mail)
{
	gint64 id = 0;
	must_commit(store, journal_add(store, mail, &id, &error));
	return id;
}

char *
state_sha256(guint number)
{
	return g_strdup_printf("%064x", number);
}

gint64
state_add_mail(Store *store, guint number, const char *class, const char *missing,
        JournalOutcome outcome)
{
	g_autofree char *sha256 = state_sha256(number);
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
	return state_journal(store, &mail);
}

gint64
state_queue(Store *store, const Effect *effect, gint64 now)
{
	gint64 id = 0;
	must_commit(store, outbox_add(store, effect, now, &id, &error));
	return id;
}

gint64
state_add_effect(Store *store, gint64 mail, EffectKind kind, const char *payload)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(payload, strlen(payload));
	Effect effect = {
		.mail = mail,
		.kind = kind,
		.place = { S("assistenza"), S("INBOX"), 7, (guint32)mail },
		.recipient = kind == EFFECT_REPLY ? S("Anna@Example.it") : NULL,
		.envelope_from = S(""),
		.payload = bytes,
	};
	return state_queue(store, &effect, NOW);
}

void
state_finish_reply(Store *store, gint64 id, const EffectFinish *how, gint64 now)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER,
		.owner = "helpdesk-1/courier/1" };
	must(store_begin(store, &error));
	g_autoptr(GPtrArray) claimed = outbox_claim(store, &claim, now, NULL);
	assert_int_equal(claimed->len, 1);
	must(outbox_mark_attempted(store, id, now, &error));
	must(outbox_finish(store, id, how, now, NULL, &error));
	must(store_commit(store, &error));
}
