/*
 * A person: what the store holds of one address, and forgetting it.
 *
 * Surprising rule: a forgotten person still counts where it is about not writing to them: replies
 * sent and refused addresses are kept by a keyed hash of the address.
 */
#pragma once

#include "store/store.h"

typedef struct {
	GArray *mails; /* of gint64: from the address, answered to it, or of one conversation
	                  with such a mail */
	GArray *mentions; /* of gint64: others' mails that name the address */
	gboolean bounced; /* the address refused a reply of ours */
} Person;

/* Look through the whole store, which takes a while: outside a transaction. */
Person *person_find(Store *store, const char *address, GError **error);
void person_free(Person *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Person, person_free)

typedef struct {
	guint mails;    /* erased: the person's */
	guint mentions; /* erased: others' that named the address */
	guint waiting;  /* others' that name it, and stay until they are carried out */
} PersonForgotten;

/* Erase it all: what was found, and the person's mails that came since. ERROR_TEMPORARY while
 * something of it is under way. Needs a transaction; then the log must be emptied, as for every
 * erasure. */
gboolean person_forget(Store *store, const Person *found, const char *address,
        gint64 now, PersonForgotten *forgotten, GError **error);

/* Whether a text of some length names an address, in either case, and not only a longer one. */
gboolean person_is_named(const char *text, gsize length, const char *address);
