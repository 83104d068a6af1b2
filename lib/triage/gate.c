#include "triage/gate.h"

#include <string.h>

#include "triage/authentication.h"
#include "triage/identity.h"
#include "triage/mark.h"

/* Our Message-IDs: <TR-XXXXXX.MAIL.SIGNATURE@domain>. */
#define TOKEN_CHARS 6
#define SIGNATURE_CHARS 20

typedef char *(*GateCheck)(const Mail *mail, const Settings *settings);

/* Answering a machine starts a loop even when it left no other mark. */
static char *
check_auto_submitted(const Mail *mail, const Settings *settings)
{
	(void)settings;
	char *mark = mark_auto_submitted(mail);
	return mark != NULL ? mark : mark_autoreply(mail);
}

static char *
check_precedence(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_precedence(mail);
}

static char *
check_list(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_list(mail);
}

static char *
check_suppress(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_response_suppress(mail);
}

static char *
check_null_sender(const Mail *mail, const Settings *settings)
{
	(void)settings;
	char *mark = mark_null_sender(mail);
	if (mark == NULL && mail->from == NULL && !header_has(mail->header, "Reply-To"))
		return g_strdup("From: (absent)");
	return mark;
}

static char *
check_system_sender(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_system_sender(mail);
}

static char *
check_report(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_report(mail);
}

static char *
check_receipt(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_receipt(mail);
}

/* The first of our own addresses in any field of that name, or NULL. */
static char *
own_address_in(const Mail *mail, const char *field, const Settings *settings)
{
	g_autoptr(GPtrArray) values = header_get_all(mail->header, field);
	for (guint i = 0; i < MIN(values->len, HEADER_REPEATS_MAX); i++) {
		g_autoptr(GPtrArray) list =
		        header_addresses(g_ptr_array_index(values, i));
		for (guint k = 0; k < list->len; k++) {
			const NameAddr *entry = g_ptr_array_index(list, k);
			if (identity_is_own(settings, entry->address))
				return g_strdup_printf("%s: %s", field, entry->address);
		}
	}
	return NULL;
}

static char *
check_own(const Mail *mail, const Settings *settings)
{
	char *own = own_address_in(mail, "From", settings);
	return own != NULL ? own : own_address_in(mail, "Reply-To", settings);
}

/* The form is enough: whether the signature is ours is for those who hold the key. */
static gboolean
has_own_form(const char *message_id)
{
	const char *p = message_id;
	if (g_ascii_strncasecmp(p, "<TR-", 4) != 0)
		return FALSE;
	gsize token = 0, number = 0, signature = 0;
	for (p += 4; g_ascii_isalnum(*p); p++)
		token++;
	for (p += *p == '.'; g_ascii_isdigit(*p); p++)
		number++;
	for (p += *p == '.'; g_ascii_isalnum(*p); p++)
		signature++;
	return token == TOKEN_CHARS && number > 0 && signature == SIGNATURE_CHARS &&
	       *p == '@';
}

static char *
check_loop(const Mail *mail, const Settings *settings)
{
	static const char *const fields[] = { "X-Triaged-Loop", "X-Triaged-Note" };
	char *own = own_address_in(mail, "X-Loop", settings);
	if (own != NULL)
		return own;
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *value = header_get(mail->header, fields[i]);
		if (value != NULL)
			return g_strdup_printf("%s: %s", fields[i], value);
	}
	if (mail->message_id != NULL && has_own_form(mail->message_id))
		return g_strdup_printf("Message-ID: %s", mail->message_id);
	return NULL;
}

/* Resent-To and Delivered-To do not count: the author of a redirected or blind-copied mail
 * did not write to us, and every mail has the latter. */
static char *
check_addressed(const Mail *mail, const Settings *settings)
{
	if (!identity_is_set(settings))
		return NULL;
	if (identity_in_field(settings, mail->header, "To") ||
	        identity_in_field(settings, mail->header, "Cc"))
		return NULL;
	return g_strdup("To, Cc: none of our addresses");
}

static char *
check_spam(const Mail *mail, const Settings *settings)
{
	(void)settings;
	return mark_spam(mail);
}

static char *
check_authentication(const Mail *mail, const Settings *settings)
{
	if (settings == NULL || settings->reply.authserv_id == NULL)
		return NULL;
	return authentication_failure(mail->header, settings->reply.authserv_id);
}

static const struct {
	Gate gate;
	GateCheck check;
	gboolean enveloped; /* asked of the mail inside a certified-mail envelope too */
} gates[] = {
	{ GATE_AUTO_SUBMITTED, check_auto_submitted, TRUE },
	{ GATE_PRECEDENCE, check_precedence, TRUE },
	{ GATE_LIST, check_list, TRUE },
	{ GATE_AUTO_RESPONSE_SUPPRESS, check_suppress, TRUE },
	{ GATE_NULL_SENDER, check_null_sender, TRUE },
	{ GATE_SYSTEM_SENDER, check_system_sender, TRUE },
	{ GATE_REPORT, check_report, TRUE },
	{ GATE_RECEIPT, check_receipt, TRUE },
	{ GATE_OWN, check_own, TRUE },
	{ GATE_LOOP, check_loop, TRUE },
	{ GATE_NOT_ADDRESSED, check_addressed, FALSE },
	{ GATE_SPAM, check_spam, FALSE },
	{ GATE_UNAUTHENTICATED, check_authentication, FALSE },
};

Gate
gate_of_header(const Mail *mail, const Settings *settings, char **why)
{
	const Mail *content = mark_certified_content(mail);
	for (gsize i = 0; i < G_N_ELEMENTS(gates); i++) {
		char *reason = gates[i].check(mail, settings);
		if (reason == NULL && content != NULL && gates[i].enveloped)
			reason = gates[i].check(content, settings);
		if (reason == NULL)
			continue;
		*why = reason;
		return gates[i].gate;
	}
	*why = NULL;
	return GATE_NONE;
}
