/* A state directory for one test, and short ways to fill a store. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/event.h"
#include "store/journal_list.h"
#include "store/outbox_admin.h"

/* A new directory under $TMPDIR, gone with all in it at state_remove(). */
char *state_make(void);
void state_remove(char *directory);

/* A literal in a record whose strings are not const. */
#define S(text) ((char *)(text))

/* Some time; the tests' clock starts here. */
#define NOW (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)

/* Fails the test with the error's message unless it is right. */
#define must(call)                                                                     \
	do {                                                                           \
		GError *error = NULL;                                                  \
		if (!(call) || error != NULL)                                          \
			fail_msg("%s: %s", #call,                                      \
			        error != NULL ? error->message : "no error set");      \
	} while (0)

/* Fails the test unless the call fails with this code and words in the message. */
#define must_fail(call, wanted_code, words)                                            \
	do {                                                                           \
		GError *error = NULL;                                                  \
		assert_false(call);                                                    \
		assert_non_null(error);                                                \
		assert_int_equal(error->code, wanted_code);                            \
		if (strstr(error->message, words) == NULL)                             \
			fail_msg("'%s' is not in '%s'", words, error->message);        \
		g_error_free(error);                                                   \
	} while (0)

/* A mail whose hash and uid come from its number; in a transaction of its own. */
gint64 state_add_mail(Store *store, guint number, const char *class,
        const char *missing, JournalOutcome outcome);

/* An effect about a mail, due at once; in a transaction of its own. */
gint64 state_add_effect(
        Store *store, gint64 mail, EffectKind kind, const char *payload);
