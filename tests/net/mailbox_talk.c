#include "mailbox_talk.h"

#include <string.h>

#include "talk.h"

#define SHORT_SECONDS 1 /* for the talks in which the peer falls silent */

void
mailbox_talk(void **state)
{
	const MailboxTalk *sample = *state;
	Talk *talk = talk_start(sample->talk);
	gboolean tls = g_str_has_prefix(sample->talk, "imaps");
	g_autoptr(Endpoint) endpoint =
	        talk_endpoint(talk, tls ? "imaps" : "imap", sample->strict, TRUE);
	g_autoptr(GError) error = NULL;
	endpoint->token = sample->token;
	if (sample->hurried)
		endpoint->answer_seconds = SHORT_SECONDS;
	Mailbox *mailbox = mailbox_open(endpoint, "INBOX", &error);
	if (sample->refused) {
		assert_null(mailbox);
		assert_true(g_error_matches(error, TRIAGED_ERROR, (int)sample->error));
		assert_null(strstr(error->message, TALK_PASSWORD));
		assert_null(strstr(error->message, "dXNlcj11c2Vy"));
	} else {
		assert_null(error);
		sample->act(mailbox);
		mailbox_close(mailbox);
	}
	talk_finish(talk);
}
