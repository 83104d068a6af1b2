#include "rules/settings_check.h"

#include <string.h>

#include <gio/gio.h>

#include "base/address.h"
#include "rules/header_form.h"
#include "rules/listen_address.h"

/* The instance stands in header fields and in Message-IDs (RFC 5322 3.2.3, dot-atom). */
#define INSTANCE_CHARS                                                                 \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"
#define INSTANCE_LENGTH_MAX 64
#define PORT_MAX 65535

/* What every check needs. */
typedef struct {
	const config_setting_t *root;
	const Settings *settings;
	Problems *problems;
	Problems *warnings;
} Check;

gboolean
settings_url_is_valid(const char *url, const char *const *schemes)
{
	g_autofree char *scheme = NULL;
	g_autofree char *userinfo = NULL;
	g_autofree char *host = NULL;
	g_autofree char *path = NULL;
	g_autofree char *query = NULL;
	g_autofree char *fragment = NULL;
	int port = -1;
	if (!g_uri_split(url, G_URI_FLAGS_NONE, &scheme, &userinfo, &host, &port, &path,
	            &query, &fragment, NULL))
		return FALSE;
	gboolean only_host = userinfo == NULL && query == NULL && fragment == NULL &&
	                     (path[0] == '\0' || strcmp(path, "/") == 0);
	return scheme != NULL && g_strv_contains(schemes, scheme) && only_host &&
	       host != NULL && host[0] != '\0' && port != 0 && port <= PORT_MAX &&
	       strpbrk(host, " \t") == NULL;
}

char *
settings_url_problem(const char *url, const char *const *schemes)
{
	g_autofree char *scheme = g_uri_parse_scheme(url);
	g_autofree char *userinfo = NULL;
	g_autofree char *path = NULL;
	if (strstr(url, "://") == NULL)
		return g_strdup_printf(": put %s:// before the host", schemes[0]);
	if (scheme == NULL || !g_strv_contains(schemes, scheme))
		return g_strdup_printf(
		        ": '%s' is another protocol", scheme != NULL ? scheme : "");
	if (!g_uri_split(url, G_URI_FLAGS_NONE, NULL, &userinfo, NULL, NULL, &path,
	            NULL, NULL, NULL))
		return g_strdup(": host or port cannot be read");
	if (userinfo != NULL)
		return g_strdup(": the user stands in 'user', the password in a file");
	if (path[0] != '\0' && strcmp(path, "/") != 0)
		return g_strdup(": nothing stands behind host and port; a folder is "
		                "'folder'");
	return g_strdup_printf(": the port must be from 1 to %d", PORT_MAX);
}

static gboolean
is_loopback(const char *url)
{
	g_autofree char *host = NULL;
	if (!g_uri_split(url, G_URI_FLAGS_NONE, NULL, NULL, &host, NULL, NULL, NULL,
	            NULL, NULL))
		return FALSE;
	if (strcmp(host, "localhost") == 0)
		return TRUE;
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
	return address != NULL && g_inet_address_get_is_loopback(address);
}

static const config_setting_t *
place_of(const config_setting_t *group, const char *name)
{
	const config_setting_t *member = setting_member(group, name);
	return member != NULL ? member : group;
}

/* The member's own line, or that of the group when it is not there. */
static void
note(const Check *check, const config_setting_t *group, const char *name,
        const char *message)
{
	const config_setting_t *place = place_of(group, name);
	if (place == check->root)
		problems_add(check->problems, check->settings->file, 1, "%s", message);
	else
		setting_problem(place, check->problems, "%s", message);
}

static void
check_credential(
        const Check *check, const config_setting_t *group, const ServerSettings *server)
{
	static const char *const names[] = { "password_file", "password_command",
		"token_command", "credential" };
	const char *const values[] = { server->password_file, server->password_command,
		server->token_command, server->credential };
	const char *first = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (values[i] == NULL)
			continue;
		g_autofree char *message = NULL;
		if (first != NULL)
			message = g_strdup_printf(
			        "'%s' contradicts '%s': give one of them", names[i],
			        first);
		else if (server->user == NULL)
			message = g_strdup_printf("'%s' without 'user'", names[i]);
		if (message != NULL)
			note(check, group, names[i], message);
		first = names[i];
	}
	if (first == NULL && server->user != NULL)
		note(check, group, "user",
		        "'user' without 'password_file', 'password_command', "
		        "'token_command' "
		        "or 'credential'");
}

static void
check_command(const Check *check, const config_setting_t *group, const char *name,
        const char *command)
{
	g_autoptr(GError) error = NULL;
	if (command == NULL || g_shell_parse_argv(command, NULL, NULL, &error))
		return;
	g_autofree char *message = g_strdup_printf("'%s': %s", name, error->message);
	note(check, group, name, message);
}

static void
check_tls(
        const Check *check, const config_setting_t *group, const ServerSettings *server)
{
	gboolean encrypted =
	        server->url != NULL && (g_str_has_prefix(server->url, "imaps:") ||
	                                       g_str_has_prefix(server->url, "smtps:"));
	if (server->ca_file != NULL &&
	        !g_file_test(server->ca_file, G_FILE_TEST_EXISTS)) {
		g_autofree char *message =
		        g_strdup_printf("'ca_file': no file '%s'", server->ca_file);
		note(check, group, "ca_file", message);
	}
	if (!server->tls_none)
		return;
	if (encrypted)
		note(check, group, "tls",
		        "tls = \"none\" contradicts the encrypted 'url'");
	if (server->ca_file != NULL)
		note(check, group, "tls", "tls = \"none\" contradicts 'ca_file'");
	if (!encrypted && server->url != NULL && !is_loopback(server->url))
		setting_problem(place_of(group, "tls"), check->warnings,
		        "mail and password go to '%s' unencrypted", server->url);
}

static void
check_server(const Check *check, const config_setting_t *group, ServerSettings *server)
{
	if (group == NULL || !config_setting_is_group(group))
		return;
	server->line = setting_line(group);
	if (setting_member(group, "url") == NULL && server->url == NULL)
		note(check, group, "url", "'url' is missing");
	check_credential(check, group, server);
	check_command(check, group, "password_command", server->password_command);
	check_command(check, group, "token_command", server->token_command);
	if (server->credential != NULL && strchr(server->credential, '/') != NULL)
		note(check, group, "credential", "'credential' is a name, not a path");
	check_tls(check, group, server);
}

static void
check_double(const Check *check, const config_setting_t *group, guint index)
{
	const GPtrArray *mailboxes = check->settings->mailboxes;
	const MailboxSettings *mailbox = mailboxes->pdata[index];
	for (guint i = 0; i < index; i++) {
		const MailboxSettings *other = mailboxes->pdata[i];
		if (g_strcmp0(other->name, mailbox->name) == 0 && mailbox->name != NULL)
			note(check, group, "name",
			        "another mailbox has the same 'name'");
		else if (mailbox->imap.url != NULL &&
		         g_strcmp0(other->imap.url, mailbox->imap.url) == 0 &&
		         g_strcmp0(other->imap.user, mailbox->imap.user) == 0 &&
		         g_strcmp0(other->folder, mailbox->folder) == 0)
			note(check, group, "folder",
			        "another mailbox watches the same folder");
	}
}

/* What a ticket system reads must be finished: neither the watched folder nor one that we, or
 * the agents, put other mail into. */
static void
check_handover(const Check *check, const config_setting_t *group,
        const MailboxSettings *mailbox)
{
	const char *const taken[] = { mailbox->folder, mailbox->drafts, mailbox->sent };
	const GPtrArray *forms = mailbox->handover_headers;
	for (gsize i = 0; mailbox->handover != NULL && i < G_N_ELEMENTS(taken); i++)
		if (g_strcmp0(mailbox->handover, taken[i]) == 0)
			note(check, group, "handover",
			        "'handover' must be a folder of its own");
	if (mailbox->handover == NULL && forms->len > 0)
		note(check, group, "handover_headers",
		        "'handover_headers' without 'handover'");
	for (guint i = 0; i < forms->len; i++) {
		g_autofree char *problem = header_form_problem(forms->pdata[i]);
		g_autofree char *message =
		        g_strdup_printf("field '%s' of 'handover_headers': %s",
		                (char *)forms->pdata[i], problem);
		if (problem != NULL)
			note(check, group, "handover_headers", message);
	}
}

static void
check_mailbox(const Check *check, const config_setting_t *group, guint index)
{
	MailboxSettings *mailbox = check->settings->mailboxes->pdata[index];
	const config_setting_t *imap = setting_member(group, "imap");
	gboolean inherits = mailbox->imap.url != NULL || mailbox->imap.user != NULL;
	if (imap == NULL && inherits)
		imap = group; /* "defaults" says it all */
	if (setting_member(group, "name") == NULL)
		note(check, group, "name", "'name' is missing");
	else if (mailbox->name != NULL && strchr(mailbox->name, '/') != NULL)
		note(check, group, "name", "'name' must not hold '/'");
	if (imap == NULL)
		note(check, group, "imap", "group 'imap' is missing");
	else if (config_setting_is_group(imap) &&
	         setting_member(imap, "user") == NULL && mailbox->imap.user == NULL)
		note(check, imap, "user", "'user' is missing");
	check_server(check, imap, &mailbox->imap);
	if (check->settings->mode == MODE_DRAFT && g_strcmp0(mailbox->drafts, "") == 0)
		note(check, group, "drafts",
		        "mode \"draft\" needs a folder for drafts");
	check_handover(check, group, mailbox);
	check_double(check, group, index);
}

/* "anna@example.it", "*@help.example.it"; never "*", which would take everybody for one. */
static void
check_agents(const Check *check, const config_setting_t *group)
{
	const GPtrArray *agents = check->settings->identity.agents;
	for (guint i = 0; i < agents->len; i++) {
		const char *agent = agents->pdata[i];
		g_autofree char *message =
		        g_strdup_printf("agent '%s' is no mail address, nor "
		                        "\"*@\" and a domain",
		                agent);
		g_autofree char *plain = agent[0] == '*' && agent[1] == '@'
		                                 ? g_strconcat("a", agent + 1, NULL)
		                                 : g_strdup(agent);
		if (!address_is_valid(plain))
			note(check, group, "agents", message);
	}
}

static void
check_identity(const Check *check)
{
	const config_setting_t *group = setting_member(check->root, "identity");
	const char *address = check->settings->identity.address;
	const GPtrArray *aliases = check->settings->identity.aliases;
	if (group == NULL || !config_setting_is_group(group))
		return;
	if (setting_member(group, "address") == NULL)
		note(check, group, "address", "'address' is missing");
	if (address != NULL && !address_is_valid(address))
		note(check, group, "address", "'address' is no mail address: write only "
		        "assistenza@example.it, the name goes into 'name'");
	for (guint i = 0; i < aliases->len; i++) {
		g_autofree char *message = g_strdup_printf(
		        "alias '%s' is no mail address", (char *)aliases->pdata[i]);
		if (!address_is_valid(aliases->pdata[i]))
			note(check, group, "aliases", message);
	}
	check_agents(check, group);
}

static void
check_smtp(const Check *check, SmtpSettings *smtp)
{
	const config_setting_t *group = setting_member(check->root, "smtp");
	check_server(check, group, &smtp->server);
	if (smtp->envelope_from[0] != '\0' && !address_is_valid(smtp->envelope_from))
		note(check, group, "envelope_from",
		        "'envelope_from' must be a mail address, or empty");
}

static void
check_names(const Check *check)
{
	const char *instance = check->settings->instance;
	const GPtrArray *hosts = check->settings->provider_hosts;
	const config_setting_t *provider = setting_member(check->root, "provider");
	if (strspn(instance, INSTANCE_CHARS) != strlen(instance) ||
	        instance[0] == '.' || strlen(instance) > INSTANCE_LENGTH_MAX)
		note(check, check->root, "instance",
		        "'instance' must be of letters, digits, '-', '.' and '_'");
	for (guint i = 0; i < hosts->len; i++) {
		if (strpbrk(hosts->pdata[i], " \t@/:") == NULL)
			continue;
		g_autofree char *message =
		        g_strdup_printf("'%s' is no host name or pattern of one",
		                (char *)hosts->pdata[i]);
		note(check, provider, "hosts", message);
	}
	if (check->settings->catalogue->len == 0)
		note(check, check->root, "catalogue", "'catalogue' names no directory");
}

/* The metrics have no login. node_exporter takes only files of this name. */
static void
check_metrics(const Check *check)
{
	const char *file = check->settings->metrics_file;
	const char *listen = check->settings->metrics_listen;
	struct sockaddr_storage address;
	socklen_t length;
	if (file != NULL && !g_path_is_absolute(file))
		note(check, check->root, "metrics_file",
		        "'metrics_file' must be a path from the root on");
	else if (file != NULL && !g_str_has_suffix(file, ".prom"))
		setting_problem(place_of(check->root, "metrics_file"), check->warnings,
		        "node_exporter reads no metrics from '%s': its name must end "
		        "in \".prom\"",
		        file);
	if (listen != NULL && !listen_address_parse(listen, &address, &length))
		note(check, check->root, "metrics_listen",
		        "'metrics_listen' must be of this host alone, since there is "
		        "no login: \"127.0.0.1:PORT\", \"[::1]:PORT\" or "
		        "\"unix:/PATH\"");
}

/* The service cannot run without these; a study of old mail can. */
static void
check_complete(const Check *check)
{
	const Settings *settings = check->settings;
	const config_setting_t *mailboxes = setting_member(check->root, "mailboxes");
	if (mailboxes == NULL || setting_length(mailboxes) == 0)
		note(check, check->root, "mailboxes",
		        "no mailbox is given in 'mailboxes'");
	if (setting_member(check->root, "identity") == NULL)
		note(check, check->root, "identity", "group 'identity' is missing");
	if (settings->mode == MODE_SEND && setting_member(check->root, "smtp") == NULL)
		note(check, check->root, "smtp",
		        "group 'smtp' is missing, and mode is \"send\"");
}

void
settings_check(const config_setting_t *root, Settings *settings, gboolean complete,
        Problems *problems, Problems *warnings)
{
	Check check = { root, settings, problems, warnings };
	const config_setting_t *mailboxes = setting_member(root, "mailboxes");
	const config_setting_t *catalogue = setting_member(root, "catalogue");
	const config_setting_t *state = setting_member(root, "state");
	settings->state_line = state != NULL ? setting_line(state) : 0;
	settings->catalogue_line = catalogue != NULL ? setting_line(catalogue) : 0;
	for (guint i = 0; i < settings->mailboxes->len; i++)
		check_mailbox(&check, setting_nth(mailboxes, i), i);
	check_identity(&check);
	check_smtp(&check, &settings->smtp);
	check_names(&check);
	check_metrics(&check);
	if (complete)
		check_complete(&check);
}
