#include "mail/report_layout.h"

#include <string.h>

#define MARKS_MAX 6
#define MARK_LINES_MAX 400 /* lines of a notification that are searched for marks */

/* The first layout one of whose marks stands in the notification gives the name, so the
 * products come before the software they are built on. */
static const struct {
	const char *name;
	const char *marks[MARKS_MAX];
} layouts[] = {
	{ "exchange2007", { "diagnostic information for administrators",
	                          "delivery has failed to these recipients",
	                          "rejected your message to the following e" } },
	{ "exchange2003", { "did not reach the following recipient", "msexch:" } },
	{ "gmail", { "** address not found **", "** message blocked **",
	                   "** delivery incomplete **", "** message not delivered **",
	                   "technical details of permanent failure",
	                   "technical details of temporary failure" } },
	{ "amazonses", { "bouncedrecipients", "complainedrecipients" } },
	{ "dovecot", { "was automatically rejected:" } },
	{ "googlegroups", { "the group you tried to contact" } },
	{ "gmail", { "delivery to the following recipient failed permanently",
	                   "delivery to the following recipient has been delayed" } },
	{ "yahoo", { "sorry, we were unable to deliver your message to the following",
	                   "unable to deliver your message to the following" } },
	{ "qmail", { "this is the qmail-send program",
	                   "i wasn't able to deliver your message",
	                   "below this line is a copy of the message" } },
	{ "courier", { "running the courier mail server" } },
	{ "opensmtpd", { "this is the mailer-daemon, please do not reply" } },
	{ "dragonfly", { "dragonfly mail agent" } },
	{ "sendgrid", { "automatically generated message from sendgrid" } },
	{ "powermta", { "i am sending you this message to inform you on the delivery "
	                "status" } },
	{ "zimbra", { "zimbra" } },
	{ "mimecast",
	        { "this is a delivery failure notification message indicating" } },
	{ "mailmarshal", { "your message was not delivered to the following recipients",
	                         "mailmarshal" } },
	{ "interscan", { "interscan messaging security suite" } },
	{ "surfcontrol",
	        { "a transcript of the attempts to send the message follows" } },
	{ "mcafee", { "the following addresses had delivery problems" } },
	{ "mfilter", { "m-filter", "-server message" } },
	{ "messagingserver", { "this report relates to a message you sent with" } },
	{ "facebook", { "this message was created automatically by facebook" } },
	{ "amavis", { "was considered unsolicited bulk e-mail" } },
	{ "barracuda", { "blocked by our spam firewall" } },
	{ "notes", { "failure reasons" } },
	{ "gmx", { "the header of the original message is following" } },
	{ "domino", { "was not delivered to:" } },
	{ "postfix", { "this is the mail system at host",
	                     "this is the postfix program at host",
	                     "this is the mail system",
	                     "enclosed is the mail delivery report" } },
	{ "exim", { "this message was created automatically by mail delivery",
	                  "created automatically by the smtp relay",
	                  "the following address(es) failed",
	                  "has not yet been delivered to one or more" } },
	{ "sendmail", { "transcript of session follows", "had permanent fatal errors",
	                      "had permanent delivery errors", "had delivery errors",
	                      "had transient non-fatal errors" } },
	{ "generic",
	        { "delivery status notification", "delivery failed", "delivery failure",
	                "undeliverable", "returned mail", "failure notice" } },
	{ "generic", { "could not be delivered", "was not delivered",
	                     "wasn't delivered", "unable to deliver",
	                     "not able to deliver", "undelivered mail" } },
	{ "generic", { "could not be sent", "was undeliverable",
	                     "error delivering your mail", "delivery of the message",
	                     "invalid user address", "did not receive this message" } },
	{ "generic", { "was automatically rejected", "was rejected by",
	                     "can't be delivered", "cannot be delivered",
	                     "couldn't be delivered", "mailbox is full" } },
	{ "generic", { "user mailbox exceeds", "invalid final delivery",
	                     "message log follows", "error sending your mail",
	                     "trouble delivering your message", "has been delayed" } },
};

static const char *const end_phrases[] = {
	"this is a copy of the message",
	"this is a copy of your message",
	"below this line is a copy",
	"enclosed is a copy of the message",
	"below is a copy of the original",
	"included is a copy of the message",
	"a copy of the original message",
	"original message",
	"original mail",
	"original header",
	"original headers",
	"unsent message",
	"unsent message follows",
	"returned message",
	"returned mail follows",
	"returned text follows",
	"the header of the original message",
	"the headers of the original message",
	"the original message follows",
	"message headers follow",
	"message header follows",
	"message text follows",
	"the first part of the message",
	"a copy of the message",
	"forwarded copy",
	NULL,
};

/* Ordered by nothing: the longest that fits is taken. */
static const char *const reason_phrases[] = {
	"reason",
	"reasons",
	"the reason for the problem",
	"the reason",
	"for the following reason",
	"for the following reasons",
	"failure reasons",
	"because",
	"the response was",
	"the response from the remote server was",
	"the error that the other server returned was",
	"technical details",
	"technical details of permanent failure",
	"technical details of temporary failure",
	"technical information",
	"diagnostic code",
	"diagnostic-code",
	"server message",
	"server response",
	"error message",
	"error message below",
	"error message follows",
	"error",
	"additional information follows",
	"the error was",
	"the remote server responded",
	"the problem appears to be",
	"details",
	"1 error(s)",
	"it responded as follows",
	NULL,
};

static const char *const recipient_phrases[] = {
	"recipient",
	"recipients",
	"recipient address",
	"recipient(s)",
	"failed recipient",
	"failed recipients",
	"addressed to",
	"address",
	"rcpt to",
	"could not be delivered to",
	"not delivered to",
	"wasn't delivered to",
	"was not delivered to",
	"delivered to",
	"delivering your mail to",
	"delivery failed",
	"delivery failed to",
	"delivery to",
	"failed delivery to",
	"deliver message to",
	"deliver mail to",
	"deliver your message to",
	"your message to",
	"message to",
	"your mail to",
	"mail to",
	"sent to",
	"reached",
	"undeliverable to",
	"rejected recipient",
	"unable to deliver to",
	"error sending to",
	"failed address",
	"user",
	NULL,
};

static const char *const delayed_phrases[] = {
	"has been delayed",
	"is delayed for",
	"this is a warning message only",
	"has not yet been delivered",
	"message still undelivered",
	"will be retried",
	"no action is required on your part",
	"delays in delivering",
	"temporary failure report",
	"could not send message for past",
	NULL,
};

static const char *const *const phrases[PHRASE_COUNT] = {
	[PHRASE_END] = end_phrases,
	[PHRASE_REASON] = reason_phrases,
	[PHRASE_RECIPIENT] = recipient_phrases,
	[PHRASE_DELAYED] = delayed_phrases,
};

static const GPtrArray *
language_phrases(PhraseKind kind, const Markers *markers)
{
	if (markers == NULL)
		return NULL;
	switch (kind) {
	case PHRASE_END: return markers->report_end_lines;
	case PHRASE_REASON: return markers->report_reason_lines;
	case PHRASE_RECIPIENT: return markers->report_recipient_lines;
	case PHRASE_DELAYED: return markers->report_delayed_lines;
	case PHRASE_COUNT: break;
	}
	return NULL;
}

/* The i-th phrase of a kind, the built-in ones first; NULL behind the last. */
static const char *
phrase_at(PhraseKind kind, guint i, const Markers *markers)
{
	static gsize counts[PHRASE_COUNT];
	if (counts[kind] == 0)
		counts[kind] = g_strv_length((char **)phrases[kind]);
	if (i < counts[kind])
		return phrases[kind][i];
	const GPtrArray *more = language_phrases(kind, markers);
	i -= (guint)counts[kind];
	return more != NULL && i < more->len ? more->pdata[i] : NULL;
}

gboolean
phrase_begins(PhraseKind kind, const char *core, const Markers *markers, gsize *length)
{
	const char *phrase;
	*length = 0;
	for (guint i = 0; (phrase = phrase_at(kind, i, markers)) != NULL; i++)
		if (strlen(phrase) > *length && core_begins(core, phrase))
			*length = strlen(phrase);
	return *length > 0;
}

gboolean
phrase_ends(PhraseKind kind, const char *folded, gsize length, const Markers *markers)
{
	const char *phrase;
	while (length > 0 && strchr(" :<\"'[(", folded[length - 1]) != NULL)
		length--;
	for (guint i = 0; (phrase = phrase_at(kind, i, markers)) != NULL; i++) {
		gsize size = strlen(phrase);
		if (size > length || memcmp(folded + length - size, phrase, size) != 0)
			continue;
		if (size == length || !g_ascii_isalnum(folded[length - size - 1]))
			return TRUE;
	}
	return FALSE;
}

gboolean
phrase_within(PhraseKind kind, const char *folded, const Markers *markers)
{
	const char *phrase;
	for (guint i = 0; (phrase = phrase_at(kind, i, markers)) != NULL; i++)
		if (strstr(folded, phrase) != NULL)
			return TRUE;
	return FALSE;
}

static gboolean
mark_stands(const Lines *lines, guint start, guint end, const char *mark)
{
	for (guint i = start; i < MIN(end, start + MARK_LINES_MAX); i++)
		if (strstr(lines->at[i].folded, mark) != NULL)
			return TRUE;
	return FALSE;
}

const char *
layout_find(const Lines *lines, guint start, guint end, const Markers *markers)
{
	for (gsize i = 0; i < G_N_ELEMENTS(layouts); i++)
		for (gsize j = 0; j < MARKS_MAX && layouts[i].marks[j] != NULL; j++)
			if (mark_stands(lines, start, end, layouts[i].marks[j]))
				return layouts[i].name;
	for (guint i = 0; markers != NULL && i < markers->report_lines->len; i++)
		if (mark_stands(lines, start, end, markers->report_lines->pdata[i]))
			return "generic";
	return NULL;
}

gboolean
layout_opens(const Line *line, const Markers *markers)
{
	for (gsize i = 0; i < G_N_ELEMENTS(layouts); i++) {
		if (strcmp(layouts[i].name, "generic") == 0)
			break;
		for (gsize j = 0; j < MARKS_MAX && layouts[i].marks[j] != NULL; j++)
			if (strstr(line->folded, layouts[i].marks[j]) != NULL)
				return TRUE;
	}
	const char *core = line_core(line);
	for (guint i = 0; i < markers->report_lines->len; i++)
		if (core_begins(core, markers->report_lines->pdata[i]))
			return TRUE;
	return FALSE;
}
