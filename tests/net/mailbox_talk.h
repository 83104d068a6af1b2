/* A mailbox that speaks with tests/talks/peer. */
#pragma once

#include "base/errors.h"
#include "net/mailbox.h"
#include "tests/suite.h"

/* A talk, and what is done in it once the mailbox is open. */
typedef struct {
	const char *talk;
	void (*act)(Mailbox *mailbox);
	gboolean hurried, strict, token;
	gboolean refused; /* opening fails with error */
	ErrorCode error;
} MailboxTalk;

#define REFUSED .refused = TRUE, .error = ERROR_REFUSED
#define TEMPORARY .refused = TRUE, .error = ERROR_TEMPORARY

/* A test whose *state is a MailboxTalk. */
void mailbox_talk(void **state);
