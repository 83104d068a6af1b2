/*
 * The yardstick of the bench: the least that fetch, parse, classify, tag and reply can cost in
 * one thread. IMAP in batches of 100, GMime, the rules of a file in PCRE2-JIT, one STORE per
 * class and batch, pipelined SMTP on 4 connections. No journal, nothing is safe.
 *
 * usage: bare IMAP-PORT USER PASSWORD SMTP-PORT RULES
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <arpa/inet.h>
#include <gmime/gmime.h>
#include <netinet/tcp.h>
#include <pcre2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 100
#define CONNECTIONS 4
#define RULES_MAX 64
#define SUPPORT "assistenza@provider.example.it"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)

static struct rule {
	char *tag;
	pcre2_code *code;
} rules[RULES_MAX];
static gsize rule_count;
static pcre2_match_data *match;

/* A blocking connection with what was read ahead. */
typedef struct {
	int fd;
	GByteArray *read;
	gsize at;
} Wire;

static void
die(const char *what)
{
	fprintf(stderr, "bare: %s\n", what);
	exit(1);
}

static Wire
wire_open(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((guint16)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	Wire wire = { .fd = socket(AF_INET, SOCK_STREAM, 0),
		.read = g_byte_array_new() };
	int one = 1;
	if (connect(wire.fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("cannot connect");
	setsockopt(wire.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return wire;
}

static void
wire_fill(Wire *wire)
{
	guint8 buffer[65536];
	ssize_t got = read(wire->fd, buffer, sizeof buffer);
	if (got <= 0)
		die("connection lost");
	if (wire->at == wire->read->len) {
		g_byte_array_set_size(wire->read, 0);
		wire->at = 0;
	}
	g_byte_array_append(wire->read, buffer, (guint)got);
}

static void
wire_say(Wire *wire, const char *bytes, gsize size)
{
	while (size > 0) {
		ssize_t put = write(wire->fd, bytes, size);
		if (put <= 0)
			die("cannot write");
		bytes += put;
		size -= (gsize)put;
	}
}

/* A whole line if there is one already, without its end; valid until the next read. */
static char *
wire_line_ready(Wire *wire)
{
	char *start = (char *)wire->read->data + wire->at;
	char *end = memchr(start, '\n', wire->read->len - wire->at);
	if (end == NULL)
		return NULL;
	wire->at += (gsize)(end - start) + 1;
	end[-1] = '\0';
	return start;
}

static char *
wire_line(Wire *wire)
{
	char *line;
	while ((line = wire_line_ready(wire)) == NULL)
		wire_fill(wire);
	return line;
}

static GBytes *
wire_literal(Wire *wire, gsize size)
{
	while (wire->read->len - wire->at < size)
		wire_fill(wire);
	GBytes *bytes = g_bytes_new(wire->read->data + wire->at, size);
	wire->at += size;
	return bytes;
}

/* One SMTP connection: the mails that wait for it are sent with the dot of the one before. */
static struct smtp {
	Wire wire;
	char *body;    /* of the mail whose envelope is out */
	int replies;   /* still to come before the 354 */
	gboolean sent; /* the dot is out: its fate comes first */
} smtp[CONNECTIONS];
static GQueue outbox = G_QUEUE_INIT; /* of char *: recipient NUL mail */
static guint accepted;

static void
smtp_open(struct smtp *one, int port)
{
	one->wire = wire_open(port);
	wire_line(&one->wire);
	wire_say(&one->wire, "EHLO bare\r\n", 11);
	while (wire_line(&one->wire)[3] == '-')
		;
}

static void
smtp_begin(struct smtp *one, GString *out)
{
	char *mail = g_queue_pop_head(&outbox);
	if (mail == NULL)
		return;
	g_string_append_printf(out, "MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n", mail);
	one->body = mail;
	one->replies = 3;
}

static void
smtp_hear(struct smtp *one, const char *line)
{
	if (one->sent) {
		if (line[0] != '2')
			die(line);
		accepted++;
		one->sent = FALSE;
		return;
	}
	if (line[0] != (one->replies == 1 ? '3' : '2'))
		die(line);
	if (--one->replies > 0)
		return;
	g_autoptr(GString) out = g_string_new(one->body + strlen(one->body) + 1);
	g_clear_pointer(&one->body, g_free);
	one->sent = TRUE;
	smtp_begin(one, out);
	wire_say(&one->wire, out->str, out->len);
}

static gboolean
smtp_is_idle(const struct smtp *one)
{
	return one->body == NULL && !one->sent;
}

/* Give and take what is possible; waits when told to. Returns whether mail is on its way. */
static gboolean
smtp_pump(int milliseconds)
{
	struct pollfd fds[CONNECTIONS];
	gboolean busy = FALSE;
	for (int i = 0; i < CONNECTIONS; i++) {
		if (smtp_is_idle(&smtp[i]) && !g_queue_is_empty(&outbox)) {
			g_autoptr(GString) out = g_string_new(NULL);
			smtp_begin(&smtp[i], out);
			wire_say(&smtp[i].wire, out->str, out->len);
		}
		busy |= !smtp_is_idle(&smtp[i]);
		fds[i] = (struct pollfd){ smtp[i].wire.fd, POLLIN, 0 };
	}
	if (!busy || poll(fds, CONNECTIONS, milliseconds) <= 0)
		return busy;
	for (int i = 0; i < CONNECTIONS; i++) {
		char *line;
		if ((fds[i].revents & POLLIN) == 0)
			continue;
		wire_fill(&smtp[i].wire);
		while ((line = wire_line_ready(&smtp[i].wire)) != NULL)
			smtp_hear(&smtp[i], line);
	}
	return TRUE;
}

static void
load_rules(const char *file)
{
	g_autofree char *text = NULL;
	if (!g_file_get_contents(file, &text, NULL, NULL))
		die("cannot read the rules");
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL && rule_count < RULES_MAX; line++) {
		char *tab = strchr(*line, '\t');
		int error;
		PCRE2_SIZE at;
		if (**line == '#' || tab == NULL)
			continue;
		struct rule *rule = &rules[rule_count++];
		rule->tag = g_strndup(*line, (gsize)(tab - *line));
		rule->code = pcre2_compile((PCRE2_SPTR)tab + 1, PCRE2_ZERO_TERMINATED,
		        PCRE2_CASELESS | PCRE2_UTF | PCRE2_NO_UTF_CHECK, &error, &at,
		        NULL);
		if (rule->code == NULL)
			die(tab + 1);
		pcre2_jit_compile(rule->code, PCRE2_JIT_COMPLETE);
	}
	match = pcre2_match_data_create(8, NULL);
}

static const struct rule *
rule_of(const char *text)
{
	for (gsize i = 0; i < rule_count; i++)
		if (pcre2_match(rules[i].code, (PCRE2_SPTR)text, strlen(text), 0,
		            PCRE2_NO_UTF_CHECK, match, NULL) > 0)
			return &rules[i];
	return NULL;
}

static void
classify_part(GMimeObject *parent G_GNUC_UNUSED, GMimeObject *part, gpointer user_data)
{
	const struct rule **found = user_data;
	if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *inner =
		        g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
		if (inner != NULL)
			g_mime_message_foreach(inner, classify_part, found);
	}
	if (*found != NULL || !GMIME_IS_TEXT_PART(part))
		return;
	g_autofree char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
	if (text != NULL && g_utf8_validate(text, -1, NULL))
		*found = rule_of(text);
}

static void
queue_reply(GMimeMessage *mail, const char *tag)
{
	InternetAddressList *from = g_mime_message_get_from(mail);
	InternetAddress *author = internet_address_list_get_address(from, 0);
	const char *to =
	        internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(author));
	const char *id = g_mime_message_get_message_id(mail);
	GString *all = g_string_new(to);
	g_string_append_c(all, '\0');
	g_string_append_printf(all,
	        "From: Assistenza <" SUPPORT ">\r\nTo: <%s>\r\nSubject: Re: %s\r\n"
	        "In-Reply-To: <%s>\r\nReferences: <%s>\r\nMessage-ID: <re.%s>\r\n"
	        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	        to, g_mime_message_get_subject(mail), id, id, id);
	for (int i = 0; i < 14; i++)
		g_string_append_printf(all,
		        "Abbiamo riconosciuto %s; questa riga sta per la guida che "
		        "segue.\r\n",
		        tag);
	g_string_append(all, ".\r\n");
	g_queue_push_tail(&outbox, g_string_free(all, FALSE));
}

/* Classify a mail and queue its reply; its tag, or NULL: it is no ticket. */
static const char *
work_on(GBytes *bytes)
{
	const struct rule *found = NULL;
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeMessage) mail = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(stream);
	if (mail == NULL)
		return NULL;
	g_mime_message_foreach(mail, classify_part, &found);
	if (found == NULL)
		return NULL;
	queue_reply(mail, found->tag);
	return found->tag;
}

static void
imap_order(Wire *imap, const char *command)
{
	wire_say(imap, command, strlen(command));
	while (strncmp(wire_line(imap), "a ", 2) != 0)
		;
}

static void
store_tags(Wire *imap, GHashTable *tags)
{
	GHashTableIter each;
	gpointer tag, set;
	g_autoptr(GString) all = g_string_new(NULL);
	g_hash_table_iter_init(&each, tags);
	while (g_hash_table_iter_next(&each, &tag, &set))
		g_string_append_printf(all,
		        "b UID STORE %s +FLAGS.SILENT (%s triage-replied)\r\n",
		        ((GString *)set)->str + 1, (char *)tag);
	g_string_append(all, "a NOOP\r\n");
	imap_order(imap, all->str);
}

static void
free_set(gpointer set)
{
	g_string_free(set, TRUE);
}

/* Fetch the mails with these sequence numbers, and do all but send the replies. */
static void
do_batch(Wire *imap, guint first, guint last)
{
	g_autoptr(GHashTable) tags = g_hash_table_new_full(NULL, NULL, NULL, free_set);
	g_autofree char *command =
	        g_strdup_printf("a FETCH %u:%u (UID BODY.PEEK[])\r\n", first, last);
	wire_say(imap, command, strlen(command));
	for (char *line; strncmp(line = wire_line(imap), "a ", 2) != 0;) {
		const char *at = strstr(line, "UID "), *size = strrchr(line, '{');
		if (at == NULL || size == NULL)
			continue;
		guint uid = (guint)strtoul(at + 4, NULL, 10);
		g_autoptr(GBytes) bytes =
		        wire_literal(imap, strtoul(size + 1, NULL, 10));
		const char *tag = work_on(bytes);
		if (tag == NULL)
			continue;
		GString *set = g_hash_table_lookup(tags, tag);
		if (set == NULL)
			g_hash_table_insert(
			        tags, (gpointer)tag, set = g_string_new(NULL));
		g_string_append_printf(set, ",%u", uid);
		smtp_pump(0);
	}
	store_tags(imap, tags);
}

int
main(int argc, char **argv)
{
	if (argc != 6)
		die("usage: bare IMAP-PORT USER PASSWORD SMTP-PORT RULES");
	g_mime_init();
	load_rules(argv[5]);
	for (int i = 0; i < CONNECTIONS; i++)
		smtp_open(&smtp[i], atoi(argv[4]));
	Wire imap = wire_open(atoi(argv[1]));
	g_autofree char *login =
	        g_strdup_printf("a LOGIN \"%s\" \"%s\"\r\n", argv[2], argv[3]);
	imap_order(&imap, login);
	guint count = 0;
	wire_say(&imap, "a SELECT INBOX\r\n", 16);
	for (char *line; strncmp(line = wire_line(&imap), "a ", 2) != 0;)
		if (strstr(line, " EXISTS") != NULL)
			count = (guint)strtoul(line + 2, NULL, 10);
	for (guint first = 1; first <= count; first += BATCH)
		do_batch(&imap, first, MIN(first + BATCH - 1, count));
	while (smtp_pump(-1))
		;
	printf("%u %u\n", count, accepted);
	return 0;
}
