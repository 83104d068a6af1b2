#include "desk/tagging.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "desk/override.h"
#include "net/store_group.h"
#include "store/journal.h"

/* What changes tags (words) into others: the words left, and the outbox's lines. */
typedef struct {
	GPtrArray *tags; /* of char *, borrowed */
	GString *lines;
} TagChange;

static void
change_say(TagChange *change, char sign, const char *tag)
{
	g_string_append_printf(
	        change->lines, "%s%c%s", change->lines->len > 0 ? "\n" : "", sign, tag);
}

static void
change_apply(TagChange *change, char *word)
{
	guint at;
	gboolean remove = *word == '-';
	if (*word == '?' && word[1] != '\0') {
		change_say(change, '?', word + 1);
		return;
	}
	char *tag = remove ? word + 1 : word;
	gboolean there =
	        g_ptr_array_find_with_equal_func(change->tags, tag, g_str_equal, &at);
	if (*tag == '\0' || (remove && !there))
		return;
	change_say(change, remove ? '-' : '+', tag);
	if (remove)
		g_ptr_array_remove_index(change->tags, at);
	else if (!there)
		g_ptr_array_add(change->tags, tag);
}

/* Apply the words of wanted to those of known; the new tags, and the lines that say so. */
static char *
tags_change(const char *known, const char *wanted, GBytes **lines)
{
	g_auto(GStrv) old = g_strsplit(known != NULL ? known : "", " ", 0);
	g_auto(GStrv) words = g_strsplit(wanted, " ", 0);
	g_autoptr(GPtrArray) tags = g_ptr_array_new();
	TagChange change = { .tags = tags, .lines = g_string_new(NULL) };
	for (char **tag = old; *tag != NULL; tag++)
		if (**tag != '\0')
			g_ptr_array_add(tags, *tag);
	for (char **word = words; *word != NULL; word++)
		change_apply(&change, *word);
	g_ptr_array_add(tags, NULL);
	*lines = g_string_free_to_bytes(change.lines);
	return g_strjoinv(" ", (char **)tags->pdata);
}

char *
tagging_begin(const char *wanted, GBytes **change)
{
	return wanted != NULL ? tags_change(NULL, wanted, change) : NULL;
}

gboolean
tagging_queue_first(
        Store *store, const Place *place, gint64 mail, GBytes *change, GError **error)
{
	Effect effect = {
		.mail = mail, .kind = EFFECT_TAG, .place = *place, .payload = change
	};
	return outbox_add(store, &effect, clock_now(), NULL, error);
}

gboolean
tagging_queue(Store *store, const Place *place, gint64 mail, const char *tags,
        gint64 now, GError **error)
{
	g_autofree char *known = NULL;
	g_autofree char *words = journal_get_tags(store, mail, &known, error)
	                                 ? override_filter(store, mail, tags, error)
	                                 : NULL;
	if (words == NULL)
		return FALSE;
	if (*words == '\0')
		return TRUE;
	g_autoptr(GBytes) payload = NULL;
	g_autofree char *all = tags_change(known, words, &payload);
	Effect effect = {
		.mail = mail, .kind = EFFECT_TAG, .place = *place, .payload = payload
	};
	gint64 id;
	return journal_set_tags(store, mail, all, error) &&
	       outbox_add(store, &effect, now, &id, error);
}

/* What one mail shall get and lose, keyword by keyword: sign by name. */
typedef struct {
	guint32 uid;
	GHashTable *signs;    /* char * -> GINT_TO_POINTER('+' or '-') */
	const MailInfo *seen; /* what it carries on the server; NULL: nobody asked */
} MailTags;

static void
mail_tags_free(gpointer data)
{
	MailTags *tags = data;
	g_hash_table_unref(tags->signs);
	g_free(tags);
}

static GStrv
lines_of(const Effect *effect)
{
	gsize size;
	const char *data = g_bytes_get_data(effect->payload, &size);
	g_autofree char *text = g_strndup(data, size);
	return g_strsplit(text, "\n", 0);
}

/* Whether a mail carries a keyword, those counted that are to be stored in this very round.
 * Keywords are compared as servers do, in any case. */
static gboolean
carries(const MailTags *tags, const char *keyword)
{
	int sign = GPOINTER_TO_INT(g_hash_table_lookup(tags->signs, keyword));
	if (sign != 0)
		return sign == '+';
	for (char **flag = tags->seen != NULL ? tags->seen->flags : NULL;
	        flag != NULL && *flag != NULL; flag++)
		if (g_ascii_strcasecmp(*flag, keyword) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
guards_hold(const MailTags *tags, const Effect *effect)
{
	g_auto(GStrv) lines = lines_of(effect);
	for (char **line = lines; *line != NULL; line++)
		if (**line == '?' && !carries(tags, *line + 1))
			return FALSE;
	return TRUE;
}

static void
mail_tags_apply(MailTags *tags, const Effect *effect)
{
	g_auto(GStrv) lines = lines_of(effect);
	for (char **line = lines; *line != NULL; line++)
		if ((**line == '+' || **line == '-') && (*line)[1] != '\0')
			g_hash_table_replace(tags->signs, g_strdup(*line + 1),
			        GINT_TO_POINTER(**line));
}

static gboolean
is_of_folder(const Effect *effect, guint32 uidvalidity)
{
	return effect->kind == EFFECT_TAG && effect->place.uidvalidity == uidvalidity;
}

static gboolean
is_guarded(const Effect *effect)
{
	gsize size;
	const char *data = g_bytes_get_data(effect->payload, &size);
	return size > 0 && memchr(data, '?', size) != NULL;
}

/* What the mails with guarded changes carry now, asked in one go; of MailInfo. */
static GPtrArray *
look_at_guarded(
        Mailbox *mailbox, const GPtrArray *effects, guint32 uidvalidity, GError **error)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	for (guint i = 0; i < effects->len; i++) {
		const Effect *effect = g_ptr_array_index(effects, i);
		if (is_of_folder(effect, uidvalidity) && is_guarded(effect))
			g_array_append_val(uids, effect->place.uid);
	}
	if (uids->len == 0)
		return g_ptr_array_new();
	return mailbox_list_some(mailbox, uids, error);
}

static MailTags *
tags_of_mail(GHashTable *mails, guint32 uid, const GPtrArray *infos)
{
	gpointer key = GUINT_TO_POINTER(uid);
	MailTags *tags = g_hash_table_lookup(mails, key);
	if (tags != NULL)
		return tags;
	tags = g_new0(MailTags, 1);
	tags->uid = uid;
	tags->signs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < infos->len; i++) {
		const MailInfo *info = g_ptr_array_index(infos, i);
		if (info->uid == uid)
			tags->seen = info;
	}
	g_hash_table_insert(mails, key, tags);
	return tags;
}

/* Of MailTags by UID, from the effects of the folder's present UIDVALIDITY. */
static GHashTable *
collect(const GPtrArray *effects, guint32 uidvalidity, const GPtrArray *infos,
        TagRefusal *refusal)
{
	GHashTable *mails = g_hash_table_new_full(NULL, NULL, NULL, mail_tags_free);
	for (guint i = 0; i < effects->len; i++) {
		Effect *effect = g_ptr_array_index(effects, i);
		if (!is_of_folder(effect, uidvalidity))
			continue;
		MailTags *tags = tags_of_mail(mails, effect->place.uid, infos);
		if (guards_hold(tags, effect)) {
			mail_tags_apply(tags, effect);
			continue;
		}
		if (refusal->spared == NULL)
			refusal->spared = g_hash_table_new(NULL, NULL);
		g_hash_table_add(refusal->spared, effect);
	}
	return mails;
}

void
tag_refusal_clear(TagRefusal *refusal)
{
	g_clear_pointer(&refusal->uids, g_hash_table_unref);
	g_clear_pointer(&refusal->words, g_free);
	g_clear_pointer(&refusal->spared, g_hash_table_unref);
}

static void
refusal_add(TagRefusal *refusal, guint32 uid, const char *words)
{
	if (refusal->uids == NULL)
		refusal->uids = g_hash_table_new(NULL, NULL);
	g_hash_table_add(refusal->uids, GUINT_TO_POINTER(uid));
	if (refusal->words == NULL)
		refusal->words = g_strdup(words);
}

/* The keywords of one sign that the server will keep. */
static GStrv
keywords_of(
        const Mailbox *mailbox, const MailTags *tags, char sign, TagRefusal *refusal)
{
	GPtrArray *keywords = g_ptr_array_new();
	GHashTableIter each;
	gpointer keyword, value;
	g_hash_table_iter_init(&each, tags->signs);
	while (g_hash_table_iter_next(&each, &keyword, &value)) {
		if (GPOINTER_TO_INT(value) != sign)
			continue;
		if (sign == '+' && !mailbox_takes_keyword(mailbox, keyword))
			refusal_add(refusal, tags->uid,
			        "the folder takes no new keywords (PERMANENTFLAGS "
			        "without \\*)");
		else
			g_ptr_array_add(keywords, g_strdup(keyword));
	}
	g_ptr_array_add(keywords, NULL);
	return (GStrv)g_ptr_array_free(keywords, FALSE);
}

/* What is refused keeps nothing else from being stored; what waiting may mend is tried again
 * whole. */
static gboolean
note_failures(const GPtrArray *groups, const GPtrArray *failures, TagRefusal *refusal,
        GError **error)
{
	for (guint i = 0; i < groups->len; i++) {
		const StoreGroup *group = g_ptr_array_index(groups, i);
		const GError *failed = g_ptr_array_index(failures, i);
		if (failed == NULL)
			continue;
		if (!g_error_matches(failed, TRIAGED_ERROR, ERROR_REFUSED) &&
		        !g_error_matches(failed, TRIAGED_ERROR, ERROR_INPUT)) {
			g_propagate_error(error, g_error_copy(failed));
			return FALSE;
		}
		for (guint j = 0; j < group->uids->len; j++)
			refusal_add(refusal, g_array_index(group->uids, guint32, j),
			        failed->message);
	}
	return TRUE;
}

static gboolean
store_sign(Mailbox *mailbox, GHashTable *mails, char sign, TagRefusal *refusal,
        GError **error)
{
	g_autoptr(GPtrArray) groups =
	        g_ptr_array_new_with_free_func((GDestroyNotify)store_group_free);
	GHashTableIter each;
	gpointer value;
	g_hash_table_iter_init(&each, mails);
	while (g_hash_table_iter_next(&each, NULL, &value)) {
		const MailTags *tags = value;
		g_auto(GStrv) keywords = keywords_of(mailbox, tags, sign, refusal);
		if (keywords[0] != NULL)
			store_groups_add(
			        groups, tags->uid, (const char *const *)keywords);
	}
	g_autoptr(GPtrArray) failures =
	        mailbox_store_groups(mailbox, groups, sign == '+', error);
	return failures != NULL && note_failures(groups, failures, refusal, error);
}

gboolean
tagging_store(Mailbox *mailbox, const GPtrArray *effects, guint32 uidvalidity,
        TagRefusal *refusal, GError **error)
{
	g_autoptr(GPtrArray) infos =
	        look_at_guarded(mailbox, effects, uidvalidity, error);
	if (infos == NULL)
		return FALSE;
	g_autoptr(GHashTable) mails = collect(effects, uidvalidity, infos, refusal);
	return store_sign(mailbox, mails, '-', refusal, error) &&
	       store_sign(mailbox, mails, '+', refusal, error);
}

gboolean
tagging_take_back(Store *store, const Effect *effect, GError **error)
{
	g_autofree char *known = NULL;
	if (!journal_get_tags(store, effect->mail, &known, error))
		return FALSE;
	g_auto(GStrv) lines = lines_of(effect);
	g_autoptr(GString) words = g_string_new(NULL);
	for (char **line = lines; *line != NULL; line++)
		if (**line == '+' || **line == '-')
			g_string_append_printf(words, "%s%s%s",
			        words->len > 0 ? " " : "", **line == '+' ? "-" : "",
			        *line + 1);
	g_autoptr(GBytes) payload = NULL;
	g_autofree char *tags = tags_change(known, words->str, &payload);
	return journal_set_tags(store, effect->mail, tags, error);
}
