/*
 * Erasure: taking what people wrote out of the store, for good.
 *
 * Surprising rule: a mail's row stays without a word of the mail. Its hash and its places are how
 * it is known and never answered again; what it was judged is for the report's counts. Of a reply
 * stay its time and its recipient as a keyed hash, so that the limits hold. What is deleted is
 * overwritten (secure_delete), in the log once that is emptied: store_empty_log().
 */
#pragma once

#include "store/store.h"

/* Erase the mails that nothing has happened to since a time, the oldest first; those with
 * something still to be carried out stay. *erased is how many, at most max. Needs a
 * transaction, as the others. */
gboolean erasure_prune(
        Store *store, gint64 before, guint max, guint *erased, GError **error);

/* Delete what only holds for a time that is over: addresses that bounced, replies that no limit
 * looks back to any more, events older than before (0: none). */
gboolean erasure_expire(Store *store, gint64 before, gint64 now, GError **error);

/* Both in one transaction of its own: a round, which others can write between. *erased == max:
 * there is more. */
gboolean erasure_round(Store *store, gint64 before, guint max, gint64 now,
        guint *erased, GError **error);

/* Erase one mail and, when it is the last of its conversation, that. Replies not begun yet are
 * dropped. */
gboolean erasure_of_mail(Store *store, gint64 id, GError **error);
