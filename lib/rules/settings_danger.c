#include "rules/settings_danger.h"

#include <stdarg.h>
#include <string.h>

#include "base/address.h"

typedef struct {
	const config_setting_t *root;
	const Settings *settings;
	Problems *problems, *warnings;
} Check;

/* At the member's own line, else at its group's, else at the file's first. */
static void G_GNUC_PRINTF(5, 6) note(const Check *check, const config_setting_t *group,
        const char *name, Problems *problems, const char *format, ...)
{
	const config_setting_t *place =
	        group != NULL ? setting_member(group, name) : NULL;
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (place == NULL)
		place = group;
	if (place == NULL || place == check->root)
		problems_add(problems, check->settings->file, 1, "%s", message);
	else
		setting_problem(place, problems, "%s", message);
}

/* What a server on the usual port of another kind takes. */
static const struct {
	const char *scheme;
	int port;
	const char *words;
} odd_ports[] = {
	{ "imaps", 143, "port 143 is mostly for imap://, which STARTTLS encrypts" },
	{ "imap", 993, "port 993 is mostly for imaps://" },
	{ "smtps", 587, "port 587 is mostly for smtp://, which STARTTLS encrypts" },
	{ "smtps", 25, "port 25 is for other servers: submission is 465" },
	{ "smtp", 465, "port 465 is mostly for smtps://" },
};

static void
check_port(const Check *check, const config_setting_t *group, const char *url)
{
	g_autofree char *scheme = NULL;
	int port = -1;
	if (url == NULL || group == NULL || !config_setting_is_group(group) ||
	        !g_uri_split(url, G_URI_FLAGS_NONE, &scheme, NULL, NULL, &port, NULL,
	                NULL, NULL, NULL))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(odd_ports); i++)
		if (port == odd_ports[i].port &&
		        strcmp(scheme, odd_ports[i].scheme) == 0)
			note(check, group, "url", check->warnings, "%s",
			        odd_ports[i].words);
}

/* What we write there would be read as mail. */
static void
check_folders(const Check *check, const config_setting_t *group,
        const MailboxSettings *mailbox)
{
	if (g_strcmp0(mailbox->folder, mailbox->sent) == 0)
		note(check, group, "sent", check->problems,
		        "'sent' must not be the watched folder");
	if (g_strcmp0(mailbox->folder, mailbox->drafts) == 0)
		note(check, group, "drafts", check->problems,
		        "'drafts' must not be the watched folder");
}

static void
check_start(const Check *check, const config_setting_t *group,
        const MailboxSettings *mailbox)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	if (mailbox->start == START_DATE && mailbox->start_date > now)
		note(check, group, "start", check->warnings,
		        "'start' lies ahead: no mail is answered until then");
	if (mailbox->start == START_ALL && check->settings->reply.max_age_hours == 0 &&
	        check->settings->mode == MODE_SEND)
		note(check, group, "start", check->warnings,
		        "start = \"all\" without reply.max_age_hours: a first start "
		        "answers every mail in the folder, however old");
}

/* Without either a loop with another robot goes on until somebody looks. */
static void
check_limits(const Check *check)
{
	const Settings *settings = check->settings;
	const config_setting_t *reply = setting_member(check->root, "reply");
	if (settings->mode != MODE_SEND || settings->reply.global_messages > 0 ||
	        settings->reply.per_sender_messages > 0)
		return;
	note(check, reply, "per_sender", check->warnings,
	        "neither reply.per_sender nor reply.global limits the replies: nothing "
	        "ends a loop");
}

static void
check_paths(const Check *check)
{
	const char *state = check->settings->state;
	if (!g_path_is_absolute(state))
		note(check, check->root, "state", check->warnings,
		        "'state' is looked for wherever triaged is started: give a "
		        "path "
		        "from the root on");
}

/* Whether one is the other, or a domain under it. */
static gboolean
is_kin(const char *one, const char *other)
{
	gsize length = strlen(one), end = strlen(other);
	if (length < end)
		return is_kin(other, one);
	return g_ascii_strcasecmp(one + length - end, other) == 0 &&
	       (length == end || one[length - end - 1] == '.');
}

/* "*@gmail.com" would make agents of half the customers. */
static void
check_agents(const Check *check)
{
	const GPtrArray *agents = check->settings->identity.agents;
	const char *address = check->settings->identity.address;
	const char *own = address != NULL ? address_domain(address) : NULL;
	for (guint i = 0; own != NULL && i < agents->len; i++) {
		const char *agent = agents->pdata[i];
		if (!g_str_has_prefix(agent, "*@") || is_kin(agent + 2, own))
			continue;
		note(check, setting_member(check->root, "identity"), "agents",
		        check->warnings,
		        "everybody at '%s' counts as an agent: none of them is ever "
		        "answered",
		        agent + 2);
	}
}

static void
check_authserv(const Check *check)
{
	const char *id = check->settings->reply.authserv_id;
	if (id != NULL && strpbrk(id, " \t;:/@") != NULL)
		note(check, setting_member(check->root, "reply"), "authserv_id",
		        check->problems,
		        "'authserv_id' must be the one word that begins our server's "
		        "Authentication-Results, such as mx.example.it");
}

void
settings_danger(const config_setting_t *root, const Settings *settings,
        Problems *problems, Problems *warnings)
{
	Check check = { root, settings, problems, warnings };
	const config_setting_t *mailboxes = setting_member(root, "mailboxes");
	for (guint i = 0; i < settings->mailboxes->len; i++) {
		const MailboxSettings *mailbox = settings->mailboxes->pdata[i];
		const config_setting_t *group = setting_nth(mailboxes, i);
		check_port(&check, setting_member(group, "imap"), mailbox->imap.url);
		check_folders(&check, group, mailbox);
		check_start(&check, group, mailbox);
	}
	check_port(&check, setting_member(root, "smtp"), settings->smtp.server.url);
	check_limits(&check);
	check_paths(&check);
	check_agents(&check);
	check_authserv(&check);
}
