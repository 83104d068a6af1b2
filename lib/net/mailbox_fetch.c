#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "net/imap_command.h"
#include "net/mailbox_core.h"

#define BATCH_MAILS                                                                    \
	100 /* per command: what is lost when a connection drops within one */
#define BATCH_SET_MAX 1000
#define FLAGS_MAX 200          /* kept of one mail */
#define SMALL_KEEP (64 * 1024) /* of literals where none is expected */

void
mail_info_free(MailInfo *info)
{
	if (info == NULL)
		return;
	g_strfreev(info->flags);
	g_free(info);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailInfo, mail_info_free)

static GStrv
take_flags(const ImapValue *list)
{
	g_autoptr(GPtrArray) flags = g_ptr_array_new();
	guint count = list != NULL && list->kind == IMAP_LIST ? list->list->len : 0;
	for (guint i = 0; i < MIN(count, FLAGS_MAX); i++) {
		const char *flag = imap_value_text(g_ptr_array_index(list->list, i));
		if (flag != NULL)
			g_ptr_array_add(flags, g_strdup(flag));
	}
	g_ptr_array_add(flags, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&flags), FALSE);
}

/* NULL for a FETCH answer that is none to our question: other clients' flag changes come as
 * FETCH too, without a size. */
static MailInfo *
take_info(const ImapAnswer *answer)
{
	guint64 uid, size;
	if (g_strcmp0(answer->name, "FETCH") != 0 ||
	        !imap_value_number(imap_answer_fetch_item(answer, "UID"), &uid) ||
	        !imap_value_number(
	                imap_answer_fetch_item(answer, "RFC822.SIZE"), &size) ||
	        uid == 0 || uid > G_MAXUINT32)
		return NULL;
	MailInfo *info = g_new0(MailInfo, 1);
	info->uid = (guint32)uid;
	info->size = size;
	info->internaldate = imap_date_parse(
	        imap_value_text(imap_answer_fetch_item(answer, "INTERNALDATE")));
	info->flags = take_flags(imap_answer_fetch_item(answer, "FLAGS"));
	return info;
}

typedef struct {
	guint32 from;
	GHashTable *infos; /* UID to MailInfo */
} Listing;

/* "from:*" also means the last mail when its UID is less than from (RFC 9051 6.4.8). */
static gboolean
take_listed(ImapAnswer *answer, gpointer data)
{
	Listing *listing = data;
	g_autoptr(MailInfo) info = take_info(answer);
	if (info == NULL)
		return FALSE;
	if (info->uid >= listing->from) {
		gpointer key = GUINT_TO_POINTER(info->uid);
		g_hash_table_replace(listing->infos, key, g_steal_pointer(&info));
	}
	return TRUE;
}

static int
compare_infos(gconstpointer a, gconstpointer b)
{
	guint32 left = (*(MailInfo *const *)a)->uid,
	        right = (*(MailInfo *const *)b)->uid;
	return left < right ? -1 : left > right;
}

static void
free_info(gpointer info)
{
	mail_info_free(info);
}

/* The infos by ascending UID; their sizes are remembered for mailbox_fetch(). */
static GPtrArray *
sort_listing(Mailbox *mailbox, GHashTable *infos)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(free_info);
	GHashTableIter iter;
	gpointer key, info;
	g_hash_table_remove_all(mailbox->sizes);
	g_hash_table_iter_init(&iter, infos);
	while (g_hash_table_iter_next(&iter, &key, &info)) {
		gsize size = (gsize)((MailInfo *)info)->size;
		g_hash_table_insert(mailbox->sizes, key, GSIZE_TO_POINTER(size));
		g_hash_table_iter_steal(&iter);
		g_ptr_array_add(list, info);
	}
	g_ptr_array_sort(list, compare_infos);
	return list;
}

static gboolean
list_from(Mailbox *mailbox, guint32 from, MailboxListener take, gpointer listing,
        GError **error)
{
	g_autofree char *command = g_strdup_printf(
	        "UID FETCH %u:* (UID FLAGS INTERNALDATE RFC822.SIZE)", from);
	mailbox->news &= ~(guint)MAILBOX_NEW_MAIL; /* this is how they are heard */
	imap_dialog_set_keep(mailbox->dialog, SMALL_KEEP);
	g_autoptr(ImapAnswer) answer =
	        mailbox_ask(mailbox, command, take, listing, error);
	return answer != NULL && (mailbox_is_code(answer, "EXPUNGEISSUED") ||
	                                 mailbox_check(mailbox, answer, "list", error));
}

GPtrArray *
mailbox_list_new(Mailbox *mailbox, guint32 from_uid, GError **error)
{
	g_autoptr(GHashTable) infos =
	        g_hash_table_new_full(NULL, NULL, NULL, free_info);
	Listing listing = { .from = MAX(from_uid, 1), .infos = infos };
	if (!list_from(mailbox, listing.from, take_listed, &listing, error))
		return NULL;
	GPtrArray *list = sort_listing(mailbox, infos);
	if (list->len > 0) {
		MailInfo *last = g_ptr_array_index(list, list->len - 1);
		mailbox->state.uidnext = MAX(mailbox->state.uidnext, last->uid + 1);
	}
	return list;
}

typedef struct {
	guint32 from;
	GArray *briefs; /* of MailBrief */
} BriefListing;

static gboolean
take_brief(ImapAnswer *answer, gpointer data)
{
	BriefListing *listing = data;
	g_autoptr(MailInfo) info = take_info(answer);
	if (info == NULL)
		return FALSE;
	MailBrief brief = { .uid = info->uid,
		.size = (guint32)MIN(info->size, G_MAXUINT32),
		.internaldate = (guint32)CLAMP(info->internaldate, 0, G_MAXUINT32) };
	if (brief.uid >= listing->from)
		g_array_append_val(listing->briefs, brief);
	return TRUE;
}

static int
compare_briefs(gconstpointer a, gconstpointer b)
{
	guint32 left = ((const MailBrief *)a)->uid, right = ((const MailBrief *)b)->uid;
	return left < right ? -1 : left > right;
}

/* A server may tell of a mail twice, and in any order; the first word counts. */
static void
sort_briefs(GArray *briefs)
{
	guint kept = 0;
	g_array_sort(briefs, compare_briefs);
	for (guint i = 0; i < briefs->len; i++) {
		MailBrief brief = g_array_index(briefs, MailBrief, i);
		if (kept == 0 ||
		        g_array_index(briefs, MailBrief, kept - 1).uid != brief.uid)
			g_array_index(briefs, MailBrief, kept++) = brief;
	}
	g_array_set_size(briefs, kept);
}

GArray *
mailbox_list_briefs(Mailbox *mailbox, guint32 from_uid, GError **error)
{
	g_autoptr(GArray) briefs = g_array_new(FALSE, FALSE, sizeof(MailBrief));
	BriefListing listing = { .from = MAX(from_uid, 1), .briefs = briefs };
	if (!list_from(mailbox, listing.from, take_brief, &listing, error))
		return NULL;
	sort_briefs(briefs);
	if (briefs->len > 0) {
		guint32 last = g_array_index(briefs, MailBrief, briefs->len - 1).uid;
		mailbox->state.uidnext = MAX(mailbox->state.uidnext, last + 1);
	}
	return g_steal_pointer(&briefs);
}

gboolean
mailbox_has_new_mail(const Mailbox *mailbox)
{
	return (mailbox->news & MAILBOX_NEW_MAIL) != 0;
}

GPtrArray *
mailbox_list_some(Mailbox *mailbox, const GArray *uids, GError **error)
{
	g_autoptr(GHashTable) infos =
	        g_hash_table_new_full(NULL, NULL, NULL, free_info);
	Listing listing = { .from = 1, .infos = infos };
	g_autoptr(GPtrArray) sets = imap_sets(
	        (const guint32 *)(const void *)uids->data, uids->len, BATCH_SET_MAX);
	imap_dialog_set_keep(mailbox->dialog, SMALL_KEEP);
	for (guint i = 0; i < sets->len; i++) {
		g_autofree char *command = g_strdup_printf(
		        "UID FETCH %s (UID FLAGS INTERNALDATE RFC822.SIZE)",
		        (const char *)g_ptr_array_index(sets, i));
		g_autoptr(ImapAnswer) answer =
		        mailbox_ask(mailbox, command, take_listed, &listing, error);
		if (answer == NULL ||
		        (!mailbox_is_code(answer, "EXPUNGEISSUED") &&
		                !mailbox_check(mailbox, answer, "list", error)))
			return NULL;
	}
	return sort_listing(mailbox, infos);
}

/* A fetch under way: where its mails go, and which have come. */
typedef struct {
	Mailbox *mailbox;
	const MailboxRequest *request;
	MailboxReceiver receive;
	gpointer data;
	gboolean stopped;
	GHashTable *wanted; /* set of UIDs not received yet */
	char *refusal;      /* the server's words to the last NO */
} Fetch;

static void
fetch_clear(Fetch *fetch)
{
	g_hash_table_unref(fetch->wanted);
	g_free(fetch->refusal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetch, fetch_clear)

/* How much of a mail is fetched at most: its header is always. 0: no bound. */
static gsize
fetch_bound(const MailboxRequest *request)
{
	return request->max_bytes > 0 ? MAX(request->max_bytes, MAILBOX_HEADER_MAX) : 0;
}

/* The size of a mail's header, the empty line included; of all when none ends it. */
static gsize
header_size(GBytes *bytes)
{
	gsize size;
	const char *text = g_bytes_get_data(bytes, &size);
	const char *end = text;
	while ((end = memchr(end, '\n', size - (gsize)(end - text))) != NULL) {
		gsize at = (gsize)(++end - text);
		if (at < size && *end == '\r')
			at++;
		if (at < size && text[at] == '\n')
			return at + 1;
	}
	return size;
}

/* No more of a mail than was asked for, but its header whole. */
static GBytes *
cut_mail(const MailboxRequest *request, GBytes *bytes)
{
	gsize size = g_bytes_get_size(bytes), keep = request->max_bytes;
	if (keep == 0 || size <= keep)
		return g_bytes_ref(bytes);
	keep = MAX(keep, MIN(header_size(bytes), MAILBOX_HEADER_MAX));
	return g_bytes_new_from_bytes(bytes, 0, MIN(size, keep));
}

static gboolean
take_mail(ImapAnswer *answer, gpointer data)
{
	Fetch *fetch = data;
	g_autoptr(MailInfo) info = take_info(answer);
	const ImapValue *body = imap_answer_fetch_item(answer, "BODY[]");
	g_autoptr(GBytes) whole = imap_value_bytes(body);
	if (info == NULL || whole == NULL)
		return FALSE;
	if (!g_hash_table_remove(fetch->wanted, GUINT_TO_POINTER(info->uid)) ||
	        fetch->stopped)
		return TRUE;
	g_autoptr(GBytes) bytes = cut_mail(fetch->request, whole);
	gsize length = g_bytes_get_size(bytes), bound = fetch->request->max_bytes;
	gboolean cut = body->full_size > length ||
	               (bound > 0 && length >= bound && info->size > length);
	fetch->stopped = !fetch->receive(info, bytes, cut, fetch->data);
	return TRUE;
}

/* Whether one of the mails is known to be no larger than what may be fetched. */
static gboolean
is_small(const Fetch *fetch, guint index)
{
	gpointer size;
	const MailboxRequest *request = fetch->request;
	gsize bound = fetch_bound(request);
	if (bound > 0 && request->sizes != NULL)
		return request->sizes[index] <= bound;
	return bound == 0 ||
	       (g_hash_table_lookup_extended(fetch->mailbox->sizes,
	                GUINT_TO_POINTER(request->uids[index]), NULL, &size) &&
	               GPOINTER_TO_SIZE(size) <= bound);
}

/* BODY.PEEK leaves \Seen alone. The answer is NULL when the connection is over. */
static ImapAnswer *
fetch_set(Fetch *fetch, const char *set, gboolean whole, GError **error)
{
	gsize bound = fetch_bound(fetch->request);
	g_autofree char *part =
	        whole ? g_strdup("") : g_strdup_printf("<0.%zu>", bound);
	g_autofree char *command = g_strdup_printf(
	        "UID FETCH %s (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]%s)", set,
	        part);
	imap_dialog_set_keep(fetch->mailbox->dialog, bound > 0 ? bound : G_MAXSIZE / 2);
	ImapAnswer *answer =
	        mailbox_ask(fetch->mailbox, command, take_mail, fetch, error);
	imap_dialog_set_keep(fetch->mailbox->dialog, SMALL_KEEP);
	if (answer != NULL && answer->status == IMAP_NO) {
		g_free(fetch->refusal);
		fetch->refusal = mailbox_words(answer);
	}
	return answer;
}

/*
 * After a NO to a batch each of its mails that did not come is asked for alone, so that one
 * mail which the server cannot read costs the others nothing.
 */
static gboolean
fetch_singly(
        Fetch *fetch, const guint32 *uids, guint count, gboolean whole, GError **error)
{
	for (guint i = 0; i < count && !fetch->stopped; i++) {
		if (!g_hash_table_contains(fetch->wanted, GUINT_TO_POINTER(uids[i])))
			continue;
		g_autofree char *set = g_strdup_printf("%u", uids[i]);
		g_autoptr(ImapAnswer) answer = fetch_set(fetch, set, whole, error);
		if (answer == NULL)
			return FALSE;
	}
	return TRUE;
}

static gboolean
take_presence(ImapAnswer *answer, gpointer data)
{
	guint64 uid, *present = data;
	if (g_strcmp0(answer->name, "FETCH") != 0 ||
	        !imap_value_number(imap_answer_fetch_item(answer, "UID"), &uid))
		return FALSE;
	*present = uid;
	return TRUE;
}

/* What did not come is gone, or the server keeps it from us although it still lists it. */
static gboolean
check_withheld(Fetch *fetch, GError **error)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	GHashTableIter each;
	gpointer uid;
	g_hash_table_iter_init(&each, fetch->wanted);
	while (g_hash_table_iter_next(&each, &uid, NULL)) {
		guint32 number = GPOINTER_TO_UINT(uid);
		g_array_append_val(uids, number);
	}
	g_autoptr(GPtrArray) sets = imap_sets(
	        (const guint32 *)(const void *)uids->data, uids->len, BATCH_SET_MAX);
	for (guint i = 0; i < sets->len; i++) {
		const char *set = g_ptr_array_index(sets, i);
		g_autofree char *command = g_strdup_printf("UID FETCH %s (UID)", set);
		guint64 present = 0;
		g_autoptr(ImapAnswer) answer = mailbox_ask(
		        fetch->mailbox, command, take_presence, &present, error);
		if (answer == NULL)
			return FALSE;
		if (present == 0)
			continue;
		g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
		        "the server lists the mail with UID %" G_GUINT64_FORMAT
		        " but does not hand it out: %s",
		        present, fetch->refusal != NULL ? fetch->refusal : "no reason");
		return FALSE;
	}
	return TRUE;
}

static gboolean
fetch_batch(
        Fetch *fetch, const guint32 *uids, guint count, gboolean whole, GError **error)
{
	g_hash_table_remove_all(fetch->wanted);
	for (guint i = 0; i < count; i++)
		g_hash_table_add(fetch->wanted, GUINT_TO_POINTER(uids[i]));
	g_autoptr(GPtrArray) sets = imap_sets(uids, count, BATCH_SET_MAX);
	for (guint i = 0; i < sets->len && !fetch->stopped; i++) {
		g_autoptr(ImapAnswer) answer =
		        fetch_set(fetch, g_ptr_array_index(sets, i), whole, error);
		if (answer == NULL)
			return FALSE;
		if (answer->status == IMAP_BAD)
			return mailbox_check(fetch->mailbox, answer, "FETCH", error);
		if (answer->status == IMAP_NO && count > 1 &&
		        !mailbox_is_code(answer, "EXPUNGEISSUED") &&
		        !fetch_singly(fetch, uids, count, whole, error))
			return FALSE;
	}
	return fetch->stopped || check_withheld(fetch, error);
}

gboolean
mailbox_fetch(Mailbox *mailbox, const MailboxRequest *request, MailboxReceiver receive,
        gpointer data, GError **error)
{
	g_auto(Fetch) fetch = { mailbox, request, receive, data, FALSE,
		g_hash_table_new(NULL, NULL), NULL };
	for (guint i = 0, end; i < request->count && !fetch.stopped; i = end) {
		gboolean whole = is_small(&fetch, i);
		for (end = i + 1; end < request->count && end - i < BATCH_MAILS; end++)
			if (is_small(&fetch, end) != whole)
				break;
		if (!fetch_batch(&fetch, request->uids + i, end - i, whole, error))
			return FALSE;
	}
	return TRUE;
}
