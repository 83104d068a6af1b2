/* What the commands about the journal share: the store they look into, and its mails as
 * JSON. */
#pragma once

#include <jansson.h>

#include "rules/settings.h"
#include "store/event.h"
#include "store/journal_list.h"
#include "store/outbox_admin.h"
#include "triaged/command.h"

typedef struct {
	Settings *settings;
	Store *store;
} JournalDesk;

/* Read the settings that the command line names and open their store, which must exist. */
gboolean journal_desk_open(
        JournalDesk *desk, const CommandContext *context, GError **error);
void journal_desk_clear(JournalDesk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JournalDesk, journal_desk_clear)

/* Note what was done to the store, for "status"; a failure is not worth a word. */
void journal_desk_note(const JournalDesk *desk, const char *key, const char *words);

/* Set a text, null when it is NULL; a time as ISO 8601, null when it is 0. */
void json_put_text(json_t *object, const char *name, const char *text);
void json_put_time(json_t *object, const char *name, gint64 time);

/* Print an object as one line and release it. */
void json_print(json_t *object);

/* Add a mail's columns to an object. */
void json_put_mail(json_t *object, const JournalMail *mail);

/* What an effect changes or whom it reaches, in words: "+triage-x -triage-y in assistenza",
 * "to anna@example.it". */
char *effect_target(const Effect *effect);

json_t *json_effect(const Effect *effect);

/* What happened to a mail, of JournalEvent. */
json_t *json_events(const GPtrArray *events);

/* Read a command's argument as an id or a count; ERROR_INPUT when it is none. */
gboolean id_parse(const char *text, gint64 *id, GError **error);
