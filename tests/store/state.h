/* A store, or a state directory, for one test, and short ways to fill it. */
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

/* The call in a transaction of its own. */
#define must_commit(store, call)                                                       \
	do {                                                                           \
		must(store_begin(store, &error));                                      \
		must(call);                                                            \
		must(store_commit(store, &error));                                     \
	} while (0)

/* A test whose *state is a store in memory. */
int state_open_memory(void **state);
int state_close_memory(void **state);
#define WITH_STORE(test)                                                               \
	cmocka_unit_test_setup_teardown(test, state_open_memory, state_close_memory)

/* A test whose *state is a directory, by state_make(). */
int state_make_directory(void **state);
int state_remove_directory(void **state);
#define WITH_DIRECTORY(test)                                                           \
	cmocka_unit_test_setup_teardown(                                               \
	        test, state_make_directory, state_remove_directory)

/* The store in a directory, made where there is none. */
Store *state_open(const char *directory);

/* Run check in a process of its own; it says 0 when all is right. */
void state_in_child(int (*check)(const char *directory), const char *directory);

/* For such a check, which cannot fail a test: 0 when it failed so, else 1 and a word why. */
int state_says(gboolean done, const GError *error, int code, const char *words);

/* In a transaction of its own: a mail; one whose hash and uid come from its number; an effect,
 * queued at a time; one about a mail, due at once. */
gint64 state_journal(Store *store, const JournalMail *mail);
gint64 state_add_mail(Store *store, guint number, const char *class,
        const char *missing, JournalOutcome outcome);
gint64 state_queue(Store *store, const Effect *effect, gint64 now);
gint64 state_add_effect(
        Store *store, gint64 mail, EffectKind kind, const char *payload);

/* The hash of the mail of that number. */
char *state_sha256(guint number);

/* Claim the only reply that is due, begin and finish it. */
void state_finish_reply(Store *store, gint64 id, const EffectFinish *how, gint64 now);
