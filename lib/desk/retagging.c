#include "desk/retagging.h"

#include <string.h>

#include "desk/override.h"
#include "desk/tagging.h"
#include "store/journal_list.h"

#define MAILS_MAX 200 /* of one conversation, the newest */

typedef struct {
	gint64 but;
	GPtrArray *mails; /* of JournalMail, of those that are tickets */
} Thread;

static JournalMail *
mail_copy(const JournalMail *mail)
{
	JournalMail *copy = g_new0(JournalMail, 1);
	copy->id = mail->id;
	copy->place = (Place){ .mailbox = g_strdup(mail->place.mailbox),
		.folder = g_strdup(mail->place.folder),
		.uidvalidity = mail->place.uidvalidity,
		.uid = mail->place.uid };
	copy->tags = g_strdup(mail->tags);
	copy->missing = g_strdup(mail->missing);
	return copy;
}

static gboolean
gather(const JournalMail *mail, gpointer data)
{
	Thread *thread = data;
	if (mail->id != thread->but && mail->tags != NULL &&
	        g_strcmp0(mail->nature, "person") == 0 &&
	        g_strcmp0(mail->class, "not-a-ticket") != 0)
		g_ptr_array_add(thread->mails, mail_copy(mail));
	return TRUE;
}

static gboolean
holds(const GPtrArray *tags, const char *tag)
{
	return g_ptr_array_find_with_equal_func(
	        (GPtrArray *)tags, tag, g_str_equal, NULL);
}

static void
add_word(GString *words, char sign, const char *tag)
{
	if (words->len > 0)
		g_string_append_c(words, ' ');
	if (sign != '+')
		g_string_append_c(words, sign);
	g_string_append(words, tag);
}

/* The words of tagging_queue() that lead from the mail's tags to the plan's; empty when they
 * are the same. They hold only while the mail carries the class's tag that we gave it. */
static char *
difference(const char *tags, const Plan *plan)
{
	g_auto(GStrv) old = g_strsplit(tags, " ", 0);
	GString *words = g_string_new(NULL);
	for (char **tag = old; *tag != NULL; tag++)
		if (**tag != '\0' && !tag_is_outcome(*tag) && !holds(plan->tags, *tag))
			add_word(words, '-', *tag);
	for (guint i = 0; i < plan->tags->len; i++) {
		const char *tag = g_ptr_array_index(plan->tags, i);
		if (!g_strv_contains((const char *const *)old, tag))
			add_word(words, '+', tag);
	}
	for (char **tag = old; words->len > 0 && *tag != NULL; tag++)
		if (**tag != '\0' && tag_is_class(*tag))
			add_word(words, '?', *tag);
	return g_string_free(words, FALSE);
}

static gboolean
retag(Store *store, const JournalMail *mail, const Plan *plan, const char *missing,
        gint64 now, GError **error)
{
	g_autofree char *words = difference(mail->tags, plan);
	if (g_strcmp0(mail->missing, missing) != 0 &&
	        !journal_set_missing(store, mail->id, missing, error))
		return FALSE;
	return *words == '\0' ||
	       tagging_queue(store, &mail->place, mail->id, words, now, error);
}

gboolean
retagging_queue(Store *store, gint64 conversation, gint64 but, const Plan *plan,
        const char *missing, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) mails =
	        g_ptr_array_new_with_free_func((GDestroyNotify)journal_mail_free);
	Thread thread = { .but = but, .mails = mails };
	JournalFilter filter = { .conversation = conversation, .limit = MAILS_MAX };
	if (!journal_each(store, &filter, gather, &thread, error))
		return FALSE;
	for (guint i = 0; i < mails->len; i++)
		if (!retag(store, g_ptr_array_index(mails, i), plan, missing, now,
		            error))
			return FALSE;
	return TRUE;
}
