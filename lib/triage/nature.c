#include "triage/nature.h"

#include <string.h>

#include "mail/report.h"
#include "triage/identity.h"
#include "triage/mark.h"

static gboolean
is_daemon_name(const char *text)
{
	return g_ascii_strncasecmp(text, "mailer-daemon", strlen("mailer-daemon")) == 0;
}

/* Nobody but a mail system writes as MAILER-DAEMON, or as nobody, whatever else it forgot to
 * say; "MAILER-DAEMON <>" is no address, so the field is read as text. */
static char *
daemon_mark(const Mail *mail)
{
	static const char *const fields[] = { "From", "Return-Path" };
	if (mail->from != NULL && mail->from->address != NULL &&
	        is_daemon_name(mail->from->address))
		return g_strdup_printf("From: %s", mail->from->address);
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *value = header_get(mail->header, fields[i]);
		const char *name = value != NULL ? value + strspn(value, " \t\"<") : "";
		gboolean empty = i == 0 && value != NULL && *name == '>';
		if (empty || is_daemon_name(name))
			return g_strdup_printf("%s: %s", fields[i], value);
	}
	return NULL;
}

/* A postmaster may be human: his mail is a bounce when it looks like one too. */
static char *
postmaster_mark(const Mail *mail, const Vocabulary *vocabulary)
{
	const char *address = mail->from != NULL ? mail->from->address : NULL;
	if (address == NULL || vocabulary == NULL ||
	        (g_ascii_strncasecmp(address, "postmaster@", 11) != 0 &&
	                g_ascii_strncasecmp(address, "post_master@", 12) != 0))
		return NULL;
	const Markers *markers = vocabulary_markers(vocabulary);
	g_autoptr(GPtrArray) reports = reports_read(mail, markers);
	if (reports->len == 0 && !mail_is_report(mail, markers))
		return NULL;
	return g_strdup_printf("From: %s, and it reads like a report", address);
}

static char *
bounce_mark(const Mail *mail, const Vocabulary *vocabulary)
{
	char *mark = mark_report(mail);
	if (mark != NULL)
		return mark;
	const char *failed = header_get(mail->header, "X-Failed-Recipients");
	if (failed != NULL)
		return g_strdup_printf("X-Failed-Recipients: %s", failed);
	g_autofree char *null_sender = mark_null_sender(mail);
	g_autofree char *system = mark_system_sender(mail);
	if (null_sender != NULL && system != NULL)
		return g_strdup_printf("%s, %s", null_sender, system);
	mark = daemon_mark(mail);
	return mark != NULL ? mark : postmaster_mark(mail, vocabulary);
}

/* A vacation program's mail has a null sender too; only then its subject may speak. */
static gboolean
subject_is_auto_reply(const Mail *mail, const Vocabulary *vocabulary)
{
	g_autoptr(FoldedText) subject = text_fold(mail->subject, -1, FALSE);
	gsize start = 0, end = 0;
	return vocabulary != NULL &&
	       vocabulary_find(vocabulary, CUE_AUTO_REPLY, subject->text,
	               subject->length, &start, &end);
}

static char *
own_mark(const Mail *mail, const Settings *settings)
{
	if (mail->from != NULL && identity_is_own(settings, mail->from->address))
		return g_strdup_printf("From: %s", mail->from->address);
	if (header_has(mail->header, "X-Triaged-Loop"))
		return g_strdup("X-Triaged-Loop");
	return NULL;
}

/* A discussion list lets its readers post; a newsletter only lets them leave. */
static Nature
nature_of_list(const Mail *mail)
{
	static const char *const discussion[] = { "List-Post", "Mailing-List",
		"X-Mailing-List", "X-BeenThere", "X-Mailman-Version" };
	for (gsize i = 0; i < G_N_ELEMENTS(discussion); i++) {
		if (header_has(mail->header, discussion[i]))
			return NATURE_LIST;
	}
	return header_has(mail->header, "List-Unsubscribe") ? NATURE_BULK : NATURE_LIST;
}

static Nature
nature_of_precedence(const char *mark)
{
	g_autofree char *lower = g_ascii_strdown(mark, -1);
	if (strstr(lower, "auto") != NULL)
		return NATURE_AUTO_REPLY;
	return strstr(lower, "list") != NULL ? NATURE_LIST : NATURE_BULK;
}

static Nature
nature_of_machine(const Mail *mail, const Vocabulary *vocabulary, char **why)
{
	if ((*why = mark_receipt(mail)) != NULL)
		return NATURE_RECEIPT;
	if ((*why = bounce_mark(mail, vocabulary)) != NULL)
		return NATURE_BOUNCE;
	if ((*why = mark_autoreply(mail)) != NULL)
		return NATURE_AUTO_REPLY;
	if ((*why = mark_list(mail)) != NULL)
		return nature_of_list(mail);
	if ((*why = mark_auto_submitted(mail)) != NULL)
		return NATURE_AUTO_REPLY;
	if ((*why = mark_precedence(mail)) != NULL)
		return nature_of_precedence(*why);
	if ((*why = mark_null_sender(mail)) != NULL)
		return subject_is_auto_reply(mail, vocabulary) ? NATURE_AUTO_REPLY
		                                               : NATURE_BOUNCE;
	if ((*why = mark_no_reply(mail)) != NULL)
		return NATURE_BULK;
	return NATURE_PERSON;
}

Nature
nature_of(const Mail *mail, const Settings *settings, const Vocabulary *vocabulary,
        char **why)
{
	/* A note for agents, ours or another instance's, whatever else it looks like. */
	if (header_has(mail->header, "X-Triaged-Note")) {
		*why = g_strdup("X-Triaged-Note");
		return NATURE_OWN;
	}
	Nature nature = nature_of_machine(mail, vocabulary, why);
	if (nature != NATURE_PERSON)
		return nature;
	if ((*why = own_mark(mail, settings)) != NULL)
		return NATURE_OWN;
	const Mail *content = mark_certified_content(mail);
	if (content == NULL)
		return NATURE_PERSON;
	return nature_of_machine(content, vocabulary, why);
}
