#include "triaged/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include "base/errors.h"

#define SERVICE_USER "triaged"

static const char HEAD[] =
        "# triaged.conf, made by \"triagectl init\". man triaged.conf knows every "
        "setting.\n"
        "# After a change: triaged --check-config --online, then systemctl reload "
        "triaged\n"
        "\n"
        "# \"observe\": look and record, change nothing. Then \"tag\": tags on the "
        "mails; \"draft\":\n"
        "# replies as drafts too; \"send\": replies. \"triagectl report --what-if "
        "send\" says what a\n"
        "# mode would have done. A class of the catalogue may lower it for itself.\n"
        "mode = \"observe\";\n"
        "\n";
static const char IDENTITY[] =
        "# Who replies. Mail from these addresses is never answered.\n"
        "identity = {\n"
        "\tname    = %s;\n"
        "\taddress = %s;\n"
        "\t# aliases = [ \"help@example.it\" ];    # its further addresses\n"
        "};\n"
        "\n";
static const char MAILBOX[] =
        "mailboxes = (\n"
        "\t{\n"
        "\t\tname = %s;    # in logs and in the journal\n"
        "\t\timap = {\n"
        "\t\t\turl  = %s;    # imap:// demands STARTTLS\n"
        "\t\t\tuser = %s;\n"
        "\t\t\tpassword_file = %s;    # or token_command, credential\n"
        "%s"
        "\t\t};\n"
        "\t\tfolder = \"INBOX\";\n"
        "\t\tstart  = \"now\";    # only mail that arrives from now on is answered\n"
        "\t}\n"
        ");\n"
        "\n";
static const char SUBMISSION[] =
        "# Through which server replies will go.\n"
        "smtp = {\n"
        "\turl  = %s;\n"
        "\tuser = %s;\n"
        "\tpassword_file = %s;\n"
        "%s"
        "\t# envelope_from = %s;    # if the server refuses the null sender\n"
        "};\n"
        "\n";
static const char TAIL[] =
        "# The name under which your own server writes Authentication-Results: then "
        "forged mail\n"
        "# gets no reply.\n"
        "# reply = { authserv_id = \"mx.example.it\"; };\n"
        "\n"
        "# Whose refusals are your own; every other host counts as remote.\n"
        "# provider = { hosts = [ \"*.example.it\" ]; };\n";

void
setup_clear(Setup *setup)
{
	char **members[] = { &setup->address, &setup->name, &setup->user, &setup->imap,
		&setup->smtp, &setup->password_file, &setup->ca_file, &setup->state };
	for (guint i = 0; i < G_N_ELEMENTS(members); i++)
		g_clear_pointer(members[i], g_free);
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	return at != NULL ? at + 1 : address;
}

/* The first target of a service of the domain; "." says that there is none (RFC 6186 3.4). */
static char *
announced_server(const char *domain, const char *service)
{
	g_autoptr(GResolver) resolver = g_resolver_get_default();
	GList *targets =
	        g_resolver_lookup_service(resolver, service, "tcp", domain, NULL, NULL);
	GSrvTarget *first = targets != NULL ? targets->data : NULL;
	char *server = NULL;
	if (first != NULL && *g_srv_target_get_hostname(first) != '\0')
		server = g_strdup_printf("%s:%u", g_srv_target_get_hostname(first),
		        g_srv_target_get_port(first));
	g_resolver_free_targets(targets);
	return server;
}

char *
setup_guess_server(const char *address, const char *service)
{
	gboolean reads = strcmp(service, "imaps") == 0;
	const char *scheme = reads ? "imaps" : "smtps";
	const char *domain = domain_of(address);
	g_autofree char *announced = announced_server(domain, service);
	if (announced != NULL)
		return g_strdup_printf("%s://%s", scheme, announced);
	return g_strdup_printf("%s://%s.%s", scheme, reads ? "imap" : "smtp", domain);
}

/* As libconfig reads it back. */
static char *
quoted(const char *text)
{
	g_autoptr(GString) line = g_string_new("\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(line, '\\');
		g_string_append_c(line, *text);
	}
	return g_strdup(g_string_append_c(line, '"')->str);
}

static char *
authority_line(const Setup *setup, const char *indent)
{
	if (setup->ca_file == NULL)
		return g_strdup("");
	g_autofree char *file = quoted(setup->ca_file);
	return g_strdup_printf("%sca_file = %s;\n", indent, file);
}

char *
setup_compose(const Setup *setup)
{
	GString *text = g_string_new(HEAD);
	g_autofree char *address = quoted(setup->address);
	g_autofree char *local =
	        g_strndup(setup->address, strcspn(setup->address, "@"));
	g_autofree char *mailbox = quoted(local);
	g_autofree char *name = quoted(setup->name);
	g_autofree char *user = quoted(setup->user);
	g_autofree char *imap = quoted(setup->imap);
	g_autofree char *smtp = quoted(setup->smtp);
	g_autofree char *password = quoted(setup->password_file);
	g_autofree char *imap_authority = authority_line(setup, "\t\t\t");
	g_autofree char *smtp_authority = authority_line(setup, "\t");
	g_autofree char *state = setup->state != NULL ? quoted(setup->state) : NULL;
	if (state != NULL)
		g_string_append_printf(text,
		        "# The journal, for the service alone.\nstate = %s;\n\n",
		        state);
	g_string_append_printf(text, IDENTITY, name, address);
	g_string_append_printf(
	        text, MAILBOX, mailbox, imap, user, password, imap_authority);
	g_string_append_printf(
	        text, SUBMISSION, smtp, user, password, smtp_authority, address);
	g_string_append(text, TAIL);
	return g_string_free(text, FALSE);
}

static gboolean
write_private(int fd, const char *secret)
{
	const struct passwd *service = geteuid() == 0 ? getpwnam(SERVICE_USER) : NULL;
	gsize length = strlen(secret);
	if (fchmod(fd, 0600) != 0)
		return FALSE;
	if (service != NULL && fchown(fd, service->pw_uid, service->pw_gid) != 0)
		return FALSE;
	return write(fd, secret, length) == (ssize_t)length &&
	       write(fd, "\n", 1) == 1 && fsync(fd) == 0;
}

gboolean
setup_write_secret(const char *file, const char *secret, GError **error)
{
	int fd =
	        open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean written = fd >= 0 && write_private(fd, secret);
	int failed = errno;
	if (fd >= 0)
		close(fd);
	if (!written)
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "'%s' cannot be written: %s", file, g_strerror(failed));
	return written;
}
