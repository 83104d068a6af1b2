#include "desk/corrections.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/override.h"
#include "net/changes.h"
#include "net/visit.h"
#include "store/correction.h"
#include "store/cursor.h"
#include "store/journal.h"
#include "store/outbox_admin.h"

#define LOOK_MAX 500    /* changed mails taken in one commit */
#define RESCAN_MAX 1000 /* the latest mails looked at where the server does not tell */

#define CLASS_NOT_A_TICKET "not-a-ticket"
#define TAG_NOT_A_TICKET "triage-not-a-ticket"

static gboolean
holds(char *const *words, const char *word)
{
	for (; words != NULL && *words != NULL; words++)
		if (g_ascii_strcasecmp(*words, word) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
is_open(GHashTable *open, const char *tag)
{
	g_autofree char *lower = g_ascii_strdown(tag, -1);
	return g_hash_table_contains(open, lower);
}

static void
add_word(GString *words, const char *sign, const char *tag)
{
	g_string_append_printf(words, "%s%s%s", words->len > 0 ? " " : "", sign, tag);
}

char *
corrections_difference(const Catalogue *catalogue, char *const *carried,
        const char *known, GHashTable *open, char **now)
{
	g_auto(GStrv) old = g_strsplit(known != NULL ? known : "", " ", -1);
	GString *changes = g_string_new(NULL), *all = g_string_new(NULL);
	for (char **tag = old; *tag != NULL; tag++) {
		if (**tag == '\0')
			continue;
		if (holds(carried, *tag) || is_open(open, *tag))
			add_word(all, "", *tag);
		else
			add_word(changes, "-", *tag);
	}
	for (guint i = 0; i < catalogue->labels->len; i++) {
		const Label *label = g_ptr_array_index(catalogue->labels, i);
		if (!holds(carried, label->tag) || holds(old, label->tag) ||
		        is_open(open, label->tag))
			continue;
		add_word(changes, "+", label->tag);
		add_word(all, "", label->tag);
	}
	*now = g_string_free(all, FALSE);
	return g_string_free(changes, changes->len == 0);
}

/* How surely a tag means a class: its own first, then one that it shares. */
static const char *
class_of_tag(const Catalogue *catalogue, const char *tag)
{
	const char *shared = NULL;
	if (g_ascii_strcasecmp(tag, TAG_NOT_A_TICKET) == 0)
		return CLASS_NOT_A_TICKET;
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = g_ptr_array_index(catalogue->classes, i);
		g_autofree char *own = g_strconcat("triage-", class->id, NULL);
		if (g_ascii_strcasecmp(class->tag, tag) != 0)
			continue;
		if (g_ascii_strcasecmp(own, tag) == 0)
			return class->id;
		if (shared == NULL)
			shared = catalogue_shown(catalogue, class)->id;
	}
	return shared;
}

const char *
corrections_class(const Catalogue *catalogue, const char *tags)
{
	g_auto(GStrv) words = g_strsplit(tags, " ", -1);
	const char *found = NULL;
	for (char **word = words; *word != NULL; word++) {
		const char *class = **word != '\0' && tag_is_class(*word)
		                            ? class_of_tag(catalogue, *word)
		                            : NULL;
		if (class != NULL && found != NULL)
			return NULL;
		if (class != NULL)
			found = class;
	}
	return found;
}

/* The keywords of effects that did not come to their end: they may or may not be stored. */
static GHashTable *
open_keywords(Store *store, gint64 mail, GError **error)
{
	g_autoptr(GPtrArray) effects = outbox_list(store, mail, error);
	g_autoptr(GHashTable) open =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; effects != NULL && i < effects->len; i++) {
		const Effect *effect = g_ptr_array_index(effects, i);
		if (effect->kind != EFFECT_TAG)
			continue;
		g_autofree char *text = effect_text(effect);
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		for (char **line = lines; *line != NULL; line++) {
			if (**line != '+' && **line != '-')
				continue;
			g_autofree char *tag = g_ascii_strdown(*line + 1, -1);
			if (effect->state == EFFECT_DONE)
				g_hash_table_remove(open, tag);
			else
				g_hash_table_add(open, g_steal_pointer(&tag));
		}
	}
	return effects != NULL ? g_steal_pointer(&open) : NULL;
}

/* The class that the mail has until now: an agent's last word, else the verdict. */
static gboolean
present_class(Store *store, const JournalMail *mail, char **class, GError **error)
{
	g_autoptr(GPtrArray) before = corrections_of_mail(store, mail->id, error);
	*class = g_strdup(mail->class);
	for (guint i = 0; before != NULL && i < before->len; i++) {
		const Correction *correction = g_ptr_array_index(before, i);
		if (correction->to == NULL)
			continue;
		g_free(*class);
		*class = g_strdup(correction->to);
	}
	return before != NULL;
}

/* Whether one of the changed tags is a class's. */
static gboolean
touches_class(const char *changes)
{
	g_auto(GStrv) words = g_strsplit(changes, " ", -1);
	for (char **word = words; *word != NULL; word++)
		if (**word != '\0' && tag_is_class(*word + 1))
			return TRUE;
	return FALSE;
}

static gboolean
record(const Corrections *corrections, const JournalMail *mail, const char *changes,
        const char *now, GError **error)
{
	const Catalogue *catalogue = corrections->role->catalogue;
	g_autofree char *from = NULL;
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, mail->id);
	if (!present_class(corrections->store, mail, &from, error))
		return FALSE;
	const char *to =
	        touches_class(changes) ? corrections_class(catalogue, now) : NULL;
	gboolean corrected = to != NULL && from != NULL && strcmp(from, to) != 0;
	Correction correction = { .mail = mail->id,
		.at = clock_now(),
		.from = corrected ? from : NULL,
		.to = corrected ? (char *)(gpointer)to : NULL,
		.changes = (char *)(gpointer)changes,
		.who = corrections->settings->name };
	log_line(LOG_LEVEL_INFO, "an agent changed tags", "id", id, "changes", changes,
	        "class", corrected ? from : NULL, "becomes", corrected ? to : NULL,
	        NULL);
	return correction_add(corrections->store, &correction, error) &&
	       journal_set_tags(corrections->store, mail->id, now, error);
}

/* Another copy of the mail, or one that is elsewhere by now, is not what the journal's tags
 * are about. */
static gboolean
is_latest(const JournalMail *mail, const Place *place)
{
	return mail->place.uid == place->uid &&
	       mail->place.uidvalidity == place->uidvalidity &&
	       g_strcmp0(mail->place.folder, place->folder) == 0;
}

static gboolean
look_at(const Corrections *corrections, const Place *place, const MailInfo *info,
        GError **error)
{
	Store *store = corrections->store;
	gint64 id = 0;
	g_autofree char *now = NULL;
	if (!journal_find_place(store, place, &id, error))
		return FALSE;
	if (id == 0)
		return TRUE;
	g_autoptr(JournalMail) mail = journal_get(store, id, error);
	g_autoptr(GHashTable) open =
	        mail != NULL ? open_keywords(store, id, error) : NULL;
	if (open == NULL)
		return FALSE;
	if (!is_latest(mail, place))
		return TRUE;
	g_autofree char *changes = corrections_difference(
	        corrections->role->catalogue, info->flags, mail->tags, open, &now);
	return changes == NULL || record(corrections, mail, changes, now, error);
}

/* One folder under one UIDVALIDITY, and how far it was looked at. */
typedef struct {
	Corrections *corrections;
	Visit *visit;
	char *scope; /* the cursor's: no mailbox is named like that */
	Cursor cursor;
} Look;

static gboolean
take(const Look *look, const GPtrArray *infos, guint64 modseq, GError **error)
{
	Corrections *corrections = look->corrections;
	Place place = { .mailbox = corrections->settings->name,
		.folder = (char *)(gpointer)look->visit->folder,
		.uidvalidity = look->visit->uidvalidity };
	Cursor cursor = look->cursor;
	cursor.highestmodseq = modseq;
	gboolean ok = store_begin(corrections->store, error);
	for (guint i = 0; ok && i < infos->len; i++) {
		const MailInfo *info = g_ptr_array_index(infos, i);
		place.uid = info->uid;
		ok = look_at(corrections, &place, info, error);
	}
	if (ok &&
	        cursor_set(corrections->store, look->scope, place.folder, &cursor,
	                error) &&
	        store_commit(corrections->store, error))
		return TRUE;
	store_rollback(corrections->store);
	return FALSE;
}

/* The mod-sequence is kept only with the last of several parts: they are by UID. */
static gboolean
take_changes(Look *look, Mailbox *mailbox, GError **error)
{
	guint64 since = look->cursor.highestmodseq, highest = since, modseq = 0;
	ChangesWanted wanted = { .from = 1, .since = since, .max = LOOK_MAX };
	for (;;) {
		g_autoptr(GPtrArray) infos =
		        mailbox_list_changed(mailbox, &wanted, &modseq, error);
		if (infos == NULL)
			return FALSE;
		gboolean last = infos->len < LOOK_MAX;
		if (wanted.from == 1)
			highest = modseq;
		if ((infos->len > 0 || highest != since) &&
		        !take(look, infos, last ? highest : since, error))
			return FALSE;
		if (last)
			return TRUE;
		const MailInfo *end = g_ptr_array_index(infos, infos->len - 1);
		wanted.from = end->uid + 1;
	}
}

static gboolean
take_latest(Look *look, Mailbox *mailbox, GError **error)
{
	Corrections *corrections = look->corrections;
	Place place = { .mailbox = corrections->settings->name,
		.folder = (char *)(gpointer)look->visit->folder,
		.uidvalidity = look->visit->uidvalidity };
	g_autoptr(GArray) uids =
	        journal_latest_uids(corrections->store, &place, RESCAN_MAX, error);
	g_autoptr(GPtrArray) infos = uids == NULL ? NULL
	                             : uids->len > 0
	                                     ? mailbox_list_some(mailbox, uids, error)
	                                     : g_ptr_array_new();
	return infos != NULL && take(look, infos, look->visit->highestmodseq, error);
}

static gboolean
look_here(Mailbox *mailbox, gpointer data, GError **error)
{
	Look *look = data;
	CursorState known;
	if (!cursor_get(look->corrections->store, look->scope, look->visit->folder,
	            look->visit->uidvalidity, &look->cursor, &known, error))
		return FALSE;
	if (look->cursor.highestmodseq > 0 && look->visit->highestmodseq > 0)
		return take_changes(look, mailbox, error);
	return take_latest(look, mailbox, error);
}

static gboolean
look_into(
        Corrections *corrections, Mailbox *mailbox, const char *folder, GError **error)
{
	g_autofree char *scope =
	        g_strconcat(corrections->settings->name, "/agents", NULL);
	Visit visit = { .folder = folder, .work = look_here };
	Look look = { .corrections = corrections, .visit = &visit, .scope = scope };
	visit.data = &look;
	return mailbox_visit(mailbox, &visit, error);
}

static gboolean
look_elsewhere(Corrections *corrections, Mailbox *mailbox, GError **error)
{
	const Catalogue *catalogue = corrections->role->catalogue;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = g_ptr_array_index(catalogue->classes, i);
		const char *folder = catalogue_folder(catalogue, class);
		if (folder == NULL ||
		        strcmp(folder, corrections->settings->folder) == 0 ||
		        !g_hash_table_add(seen, (gpointer)folder))
			continue;
		role_beat(corrections->role, 0);
		if (!look_into(corrections, mailbox, folder, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
corrections_look(Corrections *corrections, Mailbox *mailbox, GError **error)
{
	gint64 now = clock_monotonic();
	gboolean due = now >= corrections->next_look;
	if (mailbox_state(mailbox)->read_only)
		return TRUE;
	role_beat(corrections->role, 0);
	if ((due || mailbox_state(mailbox)->highestmodseq > 0) &&
	        !look_into(corrections, mailbox, corrections->settings->folder, error))
		return FALSE;
	if (!due)
		return TRUE;
	corrections->next_look =
	        now + (gint64)corrections->settings->poll_seconds * G_USEC_PER_SEC;
	return look_elsewhere(corrections, mailbox, error);
}
