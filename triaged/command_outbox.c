#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/moment.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"
#include "triaged/table.h"

#define CANCELLED "cancelled by the admin"
#define HELD_TAG "triage-held"

static const char *const titles[] = { ">ID", ">MAIL", "KIND", "STATE", ">TRIED", "NEXT",
	"WHAT", ">CODE", "WORDS", NULL };

static void
add_row(Table *table, const Effect *effect)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, effect->id);
	g_autofree char *mail = g_strdup_printf("%" G_GINT64_FORMAT, effect->mail);
	g_autofree char *attempts = g_strdup_printf("%u", effect->attempts);
	g_autofree char *code = g_strdup_printf("%d", effect->code);
	g_autofree char *next = effect->next_at == EFFECT_AFTER_OUTCOME
	                                ? g_strdup("with the outcome")
	                                : moment_show(effect->next_at);
	g_autofree char *target = effect_target(effect);
	const char *cells[] = { id, effect->mail != 0 ? mail : NULL,
		effect_kind_name(effect->kind),
		effect_state_name(effect->kind, effect->state), attempts,
		effect->state == EFFECT_QUEUED ? next : NULL, target,
		effect->code != 0 ? code : NULL, effect->words };
	G_STATIC_ASSERT(G_N_ELEMENTS(cells) + 1 == G_N_ELEMENTS(titles));
	table_add(table, stdout, cells);
}

static gboolean
list(Store *store, gboolean json, GError **error)
{
	g_autoptr(Table) table = table_new(titles);
	g_autoptr(GPtrArray) effects = outbox_list(store, 0, error);
	if (effects == NULL)
		return FALSE;
	for (guint i = 0; i < effects->len; i++) {
		if (json)
			json_print(json_effect(effects->pdata[i]));
		else
			add_row(table, effects->pdata[i]);
	}
	table_print(table, stdout);
	return TRUE;
}

/* The words of a list but one, and that one at its end if it shall be there. */
static char *
tags_with(const char *tags, const char *tag, gboolean present)
{
	g_auto(GStrv) words = g_strsplit(tags != NULL ? tags : "", " ", -1);
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	for (char **word = words; *word != NULL; word++) {
		if (**word != '\0' && strcmp(*word, tag) != 0)
			g_ptr_array_add(kept, *word);
	}
	if (present)
		g_ptr_array_add(kept, (gpointer)tag);
	g_ptr_array_add(kept, NULL);
	return g_strjoinv(" ", (char **)kept->pdata);
}

/* Agents see in the mailbox that the mail waits for them, or does not any more. */
static gboolean
mark_held(Store *store, const JournalMail *mail, gboolean held, gint64 now,
        GError **error)
{
	const char *line = held ? "+" HELD_TAG : "-" HELD_TAG;
	g_autofree char *tags = tags_with(mail->tags, HELD_TAG, held);
	g_autoptr(GBytes) payload = g_bytes_new_static(line, strlen(line));
	Effect effect = { .mail = mail->id,
		.conversation = mail->conversation,
		.kind = EFFECT_TAG,
		.place = mail->place,
		.payload = payload };
	return outbox_add(store, &effect, now, NULL, error) &&
	       journal_set_tags(store, mail->id, tags, error);
}

/* What the mail of a reply is in after the admin's word, beside the outbox. */
static gboolean
settle(Store *store, const Effect *effect, const char *what, gboolean held, gint64 now,
        GError **error)
{
	JournalEvent event = { effect->mail, now, (char *)what,
		(char *)effect_kind_name(effect->kind) };
	if (effect->mail == 0)
		return TRUE;
	if (!journal_add_event(store, &event, error))
		return FALSE;
	if (effect->kind != EFFECT_REPLY && effect->kind != EFFECT_DRAFT)
		return TRUE;
	g_autoptr(JournalMail) mail = journal_get(store, effect->mail, error);
	if (mail == NULL)
		return FALSE;
	gboolean marked = held == (mail->outcome == JOURNAL_HELD);
	return journal_set_outcome(store, mail->id,
	               held ? JOURNAL_HELD : JOURNAL_PENDING, held ? CANCELLED : NULL,
	               now, error) &&
	       (marked || mark_held(store, mail, held, now, error));
}

static gboolean
retry(Store *store, gint64 id, gint64 now, GError **error)
{
	g_autoptr(Effect) effect = outbox_get(store, id, error);
	return effect != NULL && outbox_retry(store, id, now, error) &&
	       settle(store, effect, "retried", FALSE, now, error);
}

static gboolean
release(Store *store, gint64 id, gint64 now, GError **error)
{
	g_autoptr(Effect) effect = outbox_get(store, id, error);
	return effect != NULL && outbox_release(store, id, now, error) &&
	       settle(store, effect, "released", FALSE, now, error);
}

static gboolean
cancel(Store *store, gint64 id, gint64 now, GError **error)
{
	g_autoptr(Effect) effect = outbox_get(store, id, error);
	return effect != NULL && outbox_cancel(store, id, CANCELLED, now, error) &&
	       settle(store, effect, "cancelled", TRUE, now, error);
}

static const struct verb {
	const char *name, *done;
	gboolean (*run)(Store *store, gint64 id, gint64 now, GError **error);
} verbs[] = {
	{ "retry", "is queued again", retry },
	{ "cancel", "is cancelled; an agent must answer", cancel },
	{ "release", "is released", release },
};

static const struct verb *
verb_find(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static gboolean
change(Store *store, const struct verb *verb, gint64 id, GError **error)
{
	if (!store_begin(store, error))
		return FALSE;
	if (!verb->run(store, id, clock_now(), error)) {
		store_rollback(store);
		return FALSE;
	}
	if (!store_commit(store, error))
		return FALSE;
	printf("outbox entry %" G_GINT64_FORMAT " %s\n", id, verb->done);
	return TRUE;
}

static int
run_words(const CommandContext *context, int count, char **words, gboolean json)
{
	gboolean listing = count == 1 && strcmp(words[0], "list") == 0;
	const struct verb *verb = count == 2 ? verb_find(words[0]) : NULL;
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	gint64 id = 0;
	if (!listing && verb == NULL)
		return command_misused(&command_outbox);
	if (verb != NULL && !id_parse(words[1], &id, &error)) {
		command_complain(error->message);
		return EX_USAGE;
	}
	if (!journal_desk_open(&desk, context, &error) ||
	        !(listing ? list(desk.store, json, &error)
	                  : change(desk.store, verb, id, &error)))
		return command_fail(error);
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
	if (!command_take_flags(argc, argv, options))
		return command_misused(&command_outbox);
	return run_words(context, argc - optind, argv + optind, json);
}

const Command command_outbox = { "outbox",
	"list [--json] | retry ID | cancel ID | release ID",
	"what is still to be carried out, and the admin's word on it", run, NULL };
