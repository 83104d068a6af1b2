#include <string.h>

#include "tests/shipped.h"
#include "triage/evidence.h"
#include "triage/segment.h"

/* What evidence must hold one piece of: its class, place and words. */
static const struct sample {
	const char *name, *mail;
	const char *class
	        ; /* NULL: an error text that no class knows; "": no evidence at all */
	Origin origin;
	const char *part;
	guint line;
	const char *text;
	const char *dropped;
} samples[] = {
	{ "a reply on a line of its own",
	        "\nSalve,\nmi esce\n\n552 5.2.0 pQxK1s00A4Tz9bB01QxLm2 spam "
	        "detected\n\nciao\n",
	        "spam-detected", ORIGIN_PASTED, "1", 4,
	        "552 5.2.0 pQxK1s00A4Tz9bB01QxLm2 spam detected", NULL },
	{ "a reply that a client wrapped",
	        "\nho ricevuto\n\nhost smtps.provider.example said: 552 5.2.0\n"
	        "    KzL31s01P2ab9Xx01KzMqq spam\n    detected (in reply to end of "
	        "DATA command)\n",
	        "spam-detected", ORIGIN_PASTED, "1", 3,
	        "552 5.2.0 KzL31s01P2ab9Xx01KzMqq spam detected (in reply to end of "
	        "DATA command)",
	        NULL },
	{ "a reply of several lines",
	        "\n550-5.7.26 This mail has been blocked because the\n"
	        "550-5.7.26 sender is unauthenticated.\n",
	        "spf-dkim-dmarc-fail", ORIGIN_PASTED, "1", 1,
	        "550-5.7.26 This mail has been blocked because the sender is "
	        "unauthenticated",
	        NULL },
	{ "a reply in the middle of prose",
	        "\nBuongiorno, Outlook dice \"550 5.1.1 sender is blacklisted\". Come "
	        "si fa?\n",
	        "sender-blacklisted", ORIGIN_PASTED, "1", 1,
	        "550 5.1.1 sender is blacklisted", NULL },
	{ "a client's code typed apart", "\noutlook scrive 0 X 8004210 a e basta\n",
	        "antivirus-timeout", ORIGIN_DIALOG, "1", 1, NULL, NULL },
	{ "words without any code", "\nesce scritto spam detected e basta\n",
	        "spam-detected", ORIGIN_WORDS, "1", 1,
	        "esce scritto spam detected e basta", NULL },
	{ "what it is not", "\nnon è policy violation\n", "policy-violation",
	        ORIGIN_WORDS, "1", 1, NULL, "negated" },
	{ "an error that nobody knows",
	        "\nil server dice 554 5.3.9 gremlins in the works\n", NULL,
	        ORIGIN_WORDS, "1", 1, NULL, NULL },
	{ "numbers that are no error",
	        "\nvorrei la fattura n. 5520 del 5.10.2026 da 550 euro\n", "",
	        ORIGIN_WORDS, "1", 1, NULL, NULL },
	{ "an attached file",
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nvedi file\n--m\n"
	        "Content-Type: text/plain; name=errore.txt\nContent-Disposition: "
	        "attachment\n\n"
	        "riga uno\n\n550 5.1.1 sender is blacklisted\n--m--\n",
	        "sender-blacklisted", ORIGIN_ATTACHED, "2", 3,
	        "550 5.1.1 sender is blacklisted", NULL },
	{ "the subject", "Subject: policy violation\n\naiuto\n", "policy-violation",
	        ORIGIN_SUBJECT, "0", 0, "policy violation", NULL },
	{ "the subject of a thread",
	        "Subject: Re: policy violation\nIn-Reply-To: <a@b.example>\n\ngrazie\n",
	        "policy-violation", ORIGIN_SUBJECT, "0", 0, NULL, "history" },
};

static Mail *
parse(const char *text)
{
	g_autofree char *whole =
	        g_strconcat("From: a@example.it\nMIME-Version: 1.0\n", text, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(whole, strlen(whole));
	const MailLimits limits = MAIL_LIMITS_DEFAULT;
	Mail *mail = mail_parse(bytes, &limits, NULL);
	assert_non_null(mail);
	return mail;
}

static const Evidence *
find_class(const GPtrArray *evidence, const char *class)
{
	for (guint i = 0; i < evidence->len; i++) {
		const Evidence *piece = g_ptr_array_index(evidence, i);
		if (g_strcmp0(piece->class, class) == 0)
			return piece;
	}
	return NULL;
}

static void
test_evidence(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Mail) mail = parse(sample->mail);
	g_autoptr(Passages) passages =
	        passages_collect(mail, NULL, shipped.catalogue->vocabulary);
	g_autoptr(GPtrArray) evidence =
	        evidence_collect(passages, shipped.catalogue, NULL);
	if (sample->class != NULL && *sample->class == '\0') {
		assert_int_equal(evidence->len, 0);
		return;
	}
	const Evidence *piece = find_class(evidence, sample->class);
	assert_non_null(piece);
	assert_int_equal(piece->origin, sample->origin);
	assert_string_equal(piece->part, sample->part);
	assert_int_equal(piece->line, sample->line);
	if (sample->text != NULL)
		assert_string_equal(piece->text, sample->text);
	if (sample->dropped != NULL)
		assert_string_equal(piece->dropped, sample->dropped);
	else
		assert_null(piece->dropped);
}

/* Who refused is known when a host is named, and the provider's hosts are, our own address,
 * or at least that it is the recipient's domain. */
static void
test_refuser(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		gboolean configured;
		const char *own;
		RefusedBy wanted;
	} rows[] = {
		{ "smtp.provider.example", TRUE, NULL, REFUSED_BY_PROVIDER },
		{ "mx.elsewhere.example", TRUE, NULL, REFUSED_BY_REMOTE },
		{ "mx.elsewhere.example", FALSE, NULL, REFUSED_BY_ANY },
		{ "mx.c.example", FALSE, NULL, REFUSED_BY_REMOTE },
		{ "mx.elsewhere.example", FALSE, "help@provider.example",
		        REFUSED_BY_REMOTE },
		{ "smtp.provider.example", FALSE, "help@provider.example",
		        REFUSED_BY_PROVIDER },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text =
		        g_strdup_printf("\n<b@c.example>: host %s[192.0.2.1] said: 550 "
		                        "5.1.1 sender is blacklisted\n",
		                rows[i].host);
		g_autoptr(GPtrArray) hosts = g_ptr_array_new();
		if (rows[i].configured)
			g_ptr_array_add(hosts, (gpointer) "*.provider.example");
		Settings settings = { .provider_hosts = hosts,
			.identity.address = (char *)rows[i].own };
		g_autoptr(Mail) mail = parse(text);
		g_autoptr(Passages) passages = passages_collect(
		        mail, &settings, shipped.catalogue->vocabulary);
		g_autoptr(GPtrArray) evidence =
		        evidence_collect(passages, shipped.catalogue, &settings);
		assert_true(evidence->len > 0);
		const Evidence *piece = g_ptr_array_index(evidence, 0);
		assert_int_equal(piece->refused_by, rows[i].wanted);
	}
}

/* A mail made of one endless line, or of endless codes, stays bounded. */
static void
test_bounds(void **state)
{
	(void)state;
	g_autoptr(GString) text = g_string_new("\n");
	for (int i = 0; i < 20000; i++)
		g_string_append_printf(text, "%d spam detected ", 400 + i % 200);
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(
		        text, "\n%d %d.1.1 no such user %d", 500 + i % 50, 5, i);
	g_autoptr(Mail) mail = parse(text->str);
	g_autoptr(Passages) passages =
	        passages_collect(mail, NULL, shipped.catalogue->vocabulary);
	g_autoptr(GPtrArray) evidence =
	        evidence_collect(passages, shipped.catalogue, NULL);
	assert_true(evidence->len <= 300);
	for (guint i = 0; i < evidence->len; i++) {
		const Evidence *piece = g_ptr_array_index(evidence, i);
		assert_true(g_utf8_strlen(piece->text, -1) <= EVIDENCE_TEXT_MAX + 1);
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_evidence);
	suite_add(suite, cmocka_unit_test(test_refuser), cmocka_unit_test(test_bounds));
	return suite_run(suite, "evidence", shipped_load, shipped_free);
}
