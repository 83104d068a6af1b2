/* The facts of a mail, as a customer words them. All were written on Saturday 7 November
 * 2026, 10:05, by anna@rossi.example.it to assistenza@provider.example.it. */

#include <string.h>

#include "tests/shipped.h"
#include "triage/fact.h"
#include "triage/facts.h"

typedef struct {
	const char *name, *subject, *text;
	const char *wanted; /* the best of each kind that was found */
} Sample;

static const Sample samples[] = {
	/* who sends, to whom */
	{ "labels", "errore",
	        "Mittente: a@uno.example\nDestinatario: b@due.example\nData: 5/11/2026",
	        "sender a@uno.example recipient b@due.example date 2026-11-05 mailbox "
	        "a@uno.example" },
	{ "labels without colon", "x",
	        "mittente a@uno.example destinatario b@due.example",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "a sentence", "x",
	        "Il mittente è a@uno.example e il destinatario b@due.example.",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "reversed", "x",
	        "il destinatario è b@due.example, il mittente invece a@uno.example",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "from to", "x", "scrivendo da a@uno.example a b@due.example torna indietro",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "arrow", "x", "a@uno.example -> b@due.example rifiutata",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "from the mailbox", "x",
	        "dalla casella a@uno.example non riesco a inviare a b@due.example",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "capitals", "AIUTO",
	        "QUANDO SCRIVO A B@DUE.EXAMPLE MI TORNA INDIETRO LA MAIL",
	        "recipient b@due.example" },
	{ "x for per", "x", "mando mail x b@due.example e nn parte",
	        "recipient b@due.example" },
	{ "angle brackets", "x",
	        "mittente: Anna <a@uno.example> destinatario: <b@due.example>",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "a log line", "x", "postfix/smtp: from=<a@uno.example>, to=<b@due.example>",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "a dictated address", "x",
	        "non riesco a inviare la casella è mario punto rossi chiocciola ditta "
	        "punto example punto it",
	        "sender mario.rossi@ditta.example.it mailbox "
	        "mario.rossi@ditta.example.it" },
	{ "at is a word", "x", "I could not send at noon dot", "" },
	{ "a dictated address in English", "x", "mando mail x mario at ditta dot it",
	        "recipient mario@ditta.it" },
	{ "dictated behind words like its dot", "x",
	        "l'appunto sul prodotto a questo punto della punto vendita: scrivo a "
	        "mario chiocciola ditta punto it",
	        "recipient mario@ditta.it" },
	{ "a dot without a domain", "x", "mario chiocciola ditta punto", "" },
	{ "a dot without its spaces", "x", "mario chiocciola ditta, punto it", "" },
	{ "a log line of exim", "x",
	        "2026-11-07 09:20:11 1tMxyz-0001Ab-2C ** b@due.example R=smarthost "
	        "T=remote_smtp H=mx.due.example [198.51.100.25] F=<a@uno.example>: "
	        "SMTP "
	        "error from remote mail server after end of data: 554 5.7.1 no",
	        "sender a@uno.example recipient b@due.example error date "
	        "2026-11-07T09:20:11+01:00 mailbox a@uno.example" },
	{ "the author's own address", "x", "non parte nulla, anna@rossi.example.it",
	        "sender anna@rossi.example.it mailbox anna@rossi.example.it" },
	{ "the author's name", "x", "non parte nulla dal pc (anna@altro.example)",
	        "sender anna@altro.example mailbox anna@altro.example" },
	{ "where to answer", "x", "non parte nulla. Rispondetemi a anna@altro.example",
	        "" },
	{ "my client", "x",
	        "non riesco a mandare email al mio cliente b@due.example da ieri",
	        "recipient b@due.example date 2026-11-06" },
	{ "our supplier", "x",
	        "le mail che mandiamo al nostro fornitore Bianchi (b@due.example) "
	        "vengono "
	        "respinte",
	        "recipient b@due.example" },
	{ "only one", "x", "solo b@due.example mi respinge le mail",
	        "recipient b@due.example" },
	{ "towards", "x", "tutti gli invii verso b@due.example falliscono",
	        "recipient b@due.example" },
	{ "two recipients", "x", "destinatari: b@due.example, c@tre.example",
	        "recipient b@due.example" },
	{ "generic recipient", "x",
	        "dalla casella a@uno.example non parte la newsletter ai nostri 1200 "
	        "iscritti",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "this mailbox", "x", "da questa casella non riesco più a inviare",
	        "sender anna@rossi.example.it mailbox anna@rossi.example.it" },
	{ "this address", "x", "scrivo da questo indirizzo e la mail torna indietro",
	        "sender anna@rossi.example.it mailbox anna@rossi.example.it" },
	{ "this mailbox receives", "x", "questa casella non riceve più nulla",
	        "mailbox anna@rossi.example.it" },
	{ "to this address", "x", "vi scrivo a questo indirizzo perché non so dove",
	        "" },
	{ "another mailbox", "x",
	        "vi scrivo da un'altra casella perché la mia, a@uno.example, non invia",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "an account", "x", "L'account a@uno.example non spedisce",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "a mailbox that cannot send", "problema invio",
	        "La casella è a@uno.example, errore quando spedisco",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "a mailbox that cannot receive", "x",
	        "non ricevo posta sulla casella a@uno.example",
	        "mailbox a@uno.example" },
	{ "a full mailbox", "x", "la casella a@uno.example risulta piena",
	        "mailbox a@uno.example" },
	{ "an Outlook task", "x",
	        "Errore dell'attività \"a@uno.example - Invio e ricezione in corso\"",
	        "mailbox a@uno.example" },
	{ "never sent", "x",
	        "Ricevo mailer daemon di mail che non ho mai inviato. casella "
	        "a@uno.example",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "told by the recipient", "x",
	        "il nostro fornitore quando ci scrive riceve un errore. Lui scrive da "
	        "f@forn.example e la nostra casella è a@uno.example",
	        "sender f@forn.example recipient a@uno.example mailbox a@uno.example" },
	{ "who writes to me", "x",
	        "chi mi scrive riceve casella piena. Casella a@uno.example",
	        "mailbox a@uno.example" },
	{ "our own address is nobody's", "x",
	        "ho scritto a assistenza@provider.example.it ma nessuno risponde", "" },
	{ "a machine's address", "x",
	        "ricevo mail da mailer-daemon@provider.example.it", "" },
	{ "a contact", "x", "per urgenze contattare studio@rossi.example.it", "" },
	{ "a web page", "x", "vedi https://x.example/@b.due.example", "" },
	{ "a forwarded notice", "I: failure",
	        "Vedi sotto\n\nDa: Mail Delivery System "
	        "[mailto:MAILER-DAEMON@relay.example.net]\nInviato: venerdì 6 novembre "
	        "2026 09:12\nA: a@uno.example\nOggetto: Undelivered Mail Returned to "
	        "Sender\n\n<b@due.example>: host mx.example.net[198.51.100.4] said: "
	        "550 "
	        "5.1.1 sender is blacklisted (in reply to RCPT TO command)",
	        "sender a@uno.example recipient b@due.example error date "
	        "2026-11-06T09:12:00+01:00 mailbox a@uno.example" },
	{ "a colleague's report", "I: posta",
	        "Vi giro la segnalazione.\n\nDa: Lucia "
	        "<lucia@rossi.example.it>\nInviato: "
	        "giovedì 5 novembre 2026 18:20\nA: Anna "
	        "<anna@rossi.example.it>\nOggetto: "
	        "posta\n\nDa stamattina non riesco a inviare dalla mia casella "
	        "lucia@rossi.example.it",
	        "sender lucia@rossi.example.it date 2026-11-05 mailbox "
	        "lucia@rossi.example.it" },
	{ "answers under questions", "Re: Ticket",
	        "> Il giorno 6 nov 2026, alle ore 12:50, Assistenza "
	        "<assistenza@provider.example.it> ha scritto:\n> Ci indichi:\n> - il "
	        "mittente del messaggio;\n\na@uno.example\n\n> - il destinatario del "
	        "messaggio;\n\nb@due.example\n",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "answers by number", "Re: Ticket",
	        "1) a@uno.example\n2) b@due.example\n3) 5/11 ore 9,20\n\nIl giorno 6 "
	        "nov 2026, "
	        "alle ore 12:50, Assistenza <assistenza@provider.example.it> ha "
	        "scritto:\n> Ci "
	        "indichi:\n> 1) il mittente del messaggio;\n> 2) il destinatario;\n> "
	        "3) la data",
	        "sender a@uno.example recipient b@due.example date "
	        "2026-11-05T09:20:00+01:00 mailbox a@uno.example" },
	{ "a sentence of its own", "x",
	        "torna: utente sconosciuto\n\nDa a@uno.example non parte altro",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "in brackets", "x", "anche una sola mail (a b@due.example) torna indietro",
	        "recipient b@due.example" },
	{ "a server's refusal of a recipient", "x",
	        "mi torna: 554 <b@due.example>: Messaggio rifiutato dal sistema",
	        "recipient b@due.example error" },
	{ "a server's refusal of a sender", "x",
	        "mi torna: 553 5.7.1 <a@uno.example>: Sender address rejected: not "
	        "owned",
	        "sender a@uno.example error mailbox a@uno.example" },
	{ "mails that vanished", "x",
	        "dalla casella a@uno.example sono sparite le mail",
	        "mailbox a@uno.example" },
	{ "abbreviated labels", "x", "mitt. a@uno.example\ndest. b@due.example",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "a status is no day", "x", "550 5.7.26 This mail is unauthenticated",
	        "error" },
	{ "a label with the hour's word", "x", "data e ora = 6 novembre ore 9",
	        "date 2026-11-06T09:00:00+01:00" },
	/* English */
	{ "english sender", "x",
	        "when I send from a@uno.example to b@due.example it bounces",
	        "sender a@uno.example recipient b@due.example mailbox a@uno.example" },
	{ "english mailbox", "x", "our mailbox a@uno.example cannot send anything",
	        "sender a@uno.example mailbox a@uno.example" },
	{ "english reply", "x", "We were replying to b@due.example yesterday",
	        "recipient b@due.example date 2026-11-06" },
	/* the day */
	{ "the error's day", "x", "L'errore è del 02/11/2026 ore 16.40",
	        "date 2026-11-02T16:40:00+01:00" },
	{ "it worked before", "x", "il 3/11 andava, da ieri non più",
	        "date 2026-11-06" },
	{ "opening hours", "x", "siamo chiusi dal 24 dicembre", "" },
	{ "a paid domain", "x",
	        "il dominio è pagato fino al 2028, rinnovato il 3/3/2026", "" },
	{ "last week", "x", "stesso errore di settimana scorsa", "" },
	{ "a phone", "x", "chiamatemi 0445/123456 o 333 1234567", "" },
	{ "two days", "x", "ieri funzionava, oggi alle 9.30 ha smesso",
	        "date 2026-11-07T09:30:00+01:00" },
	{ "absolute beats relative", "x", "da ieri; errore del 5/11 alle 10",
	        "date 2026-11-05T10:00:00+01:00" },
	/* the error's text */
	{ "code and words", "x", "esce 550 user unknown", "error" },
	{ "status and words", "x", "552 5.2.0 qQ1s00A4Tz9bB01QxLm2 spam detected",
	        "error" },
	{ "status in brackets", "x",
	        "questo messaggio sender is blacklisted (status 5.1.1)", "error" },
	{ "a bare code", "x", "errore 552", "" },
	{ "a code in a sentence", "x", "il codice è 553 e parla di smtp auth", "" },
	{ "a code and when", "x", "mi da errore 535 quando invio la posta", "" },
	{ "a bare hex code", "x", "outlook dice 0x800CCC78", "" },
	{ "part of a hex code", "x", "codice che finisce per 210A", "" },
	{ "a fragment", "x", "mi dice spam detected", "" },
	{ "a paraphrase", "x",
	        "indirizzo di posta elettronica del mittente non riconosciuto 550 "
	        "authentication failed smtp porta 25 ssl no",
	        "" },
	{ "a server's sentence", "x",
	        "dice: Sorry, you need to supply the correct username and password for "
	        "SMTP-AUTH",
	        "error" },
	{ "a client's sentence", "x",
	        "L'indirizzo di posta elettronica del mittente non è stato "
	        "riconosciuto.",
	        "error" },
	{ "a dialog with its code", "x",
	        "Errore segnalato (0x8004210A): 'Timeout durante l'attesa di una "
	        "risposta'",
	        "error" },
	{ "Thunderbird", "x",
	        "Il server di posta ha risposto: policy violation. Controllare il "
	        "messaggio",
	        "error" },
	{ "Roundcube", "x", "Errore SMTP (535): Autenticazione fallita", "error" },
	{ "a quoted sentence", "x",
	        "mi dice \"Indirizzo IP bloccato temporaneamente per sospetto abuso\"",
	        "error" },
	{ "a quoted fragment", "x", "mi dice \"user is over quota\"", "" },
	{ "a quoted setting", "x",
	        "ho spuntato \"il server della posta in uscita vuole "
	        "l'autenticazione\"",
	        "" },
	{ "numbers of other things", "x", "ho mandato 450 mail a 500 clienti diversi",
	        "" },
	{ "a version", "x", "uso Thunderbird 5.1.2 e Windows", "" },
	{ "a version in a sentence", "x",
	        "ho aggiornato Thunderbird alla versione 5.1.2 la settimana scorsa",
	        "" },
	{ "words before their status", "x",
	        "la mail torna con sender is blacklisted (status 5.1.1), e le altre no",
	        "error" },
	{ "an invoice", "x", "non ho ricevuto la fattura n. 5520 di ottobre", "" },
	{ "a report's header alone", "x",
	        "ecco:\n\nReturn-Path: <>\nReceived: from x by y; Fri, 6 Nov 2026 "
	        "08:00:00 +0100\nFrom: postmaster@due.example\nTo: a@uno.example\n"
	        "Subject: Warning: could not send message\n",
	        "date 2026-11-06T08:00:00+01:00 headers "
	        "mailbox a@uno.example" },
	{ "pasted trace", "x",
	        "ecco:\n\nReturn-Path: <a@uno.example>\nReceived: from x by y; Fri, 6 "
	        "Nov "
	        "2026 08:00:00 +0100\nFrom: a@uno.example\nTo: b@due.example\nSubject: "
	        "ciao\nDate: Fri, 6 Nov 2026 08:00:00 +0100\n",
	        "sender a@uno.example recipient b@due.example date "
	        "2026-11-06T08:00:00+01:00 headers mailbox a@uno.example" },
};

static Mail *
mail_of(const Sample *sample)
{
	g_autofree char *text = g_strdup_printf(
	        "From: Anna <anna@rossi.example.it>\r\n"
	        "To: assistenza@provider.example.it\r\nSubject: %s\r\n"
	        "Date: Sat, 07 Nov 2026 10:05:35 +0100\r\nMIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
	        sample->subject, sample->text);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	MailLimits limits = MAIL_LIMITS_DEFAULT;

	return mail_parse(bytes, &limits, NULL);
}

static char *
best_items(const GPtrArray *items)
{
	g_autoptr(GString) out = g_string_new(NULL);
	guint seen = 0;

	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		if (seen & 1u << item->kind)
			continue;
		seen |= 1u << item->kind;
		g_string_append(out, out->len > 0 ? " " : "");
		if (item->kind == ITEM_ERROR_TEXT)
			g_string_append(out, "error");
		else if (item->kind == ITEM_HEADERS || item->kind == ITEM_SCREENSHOT)
			g_string_append(out, item_name(item->kind));
		else
			g_string_append_printf(
			        out, "%s %s", item_name(item->kind), item->value);
	}
	return g_strdup(out->str);
}

static GPtrArray *
facts_of(const Mail *mail)
{
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);

	return facts_extract(mail, passages, NULL, NULL, shipped_vocabulary);
}

static void
finds_facts(void **state)
{
	g_autoptr(Mail) mail = mail_of(*state);
	g_autoptr(GPtrArray) items = facts_of(mail);
	g_autofree char *found = best_items(items);

	assert_string_equal(found, ((const Sample *)*state)->wanted);
}

typedef struct {
	const char *name, *disposition, *filename;
	gboolean wanted;
} Picture;

static const Picture pictures[] = {
	{ "an attached picture", "attachment", "Cattura.PNG", TRUE },
	{ "a photo", "attachment", "IMG_20261106_095512.jpg", TRUE },
	{ "WhatsApp", "attachment", "WhatsApp Image 2026-11-06 at 09.png", TRUE },
	{ "Gmail's pasted picture", "inline", "image.png", TRUE },
	{ "iPhone's picture", "inline", "IMG_0042.png", TRUE },
	{ "Outlook's signature", "inline", "image001.png", FALSE },
	{ "Outlook's attached picture", "attachment", "image001.png", TRUE },
	{ "a web signature", "inline", "Outlook-logo.png", FALSE },
	{ "a logo", "attachment", "logo_azienda.png", FALSE },
	{ "a picture without a telling name", "attachment", "prova.png", TRUE },
};

static void
tells_pictures(void **state)
{
	const Picture *picture = *state;
	g_autofree char *text = g_strdup_printf(
	        "From: anna@rossi.example.it\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
	        "Date: Sat, 07 Nov 2026 10:05:35 +0100\r\n"
	        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nciao\r\n"
	        "--b\r\nContent-Type: image/png\r\nContent-ID: <%s@x>\r\n"
	        "Content-Disposition: %s; filename=\"%s\"\r\n\r\nPNG\r\n--b--\r\n",
	        picture->filename, picture->disposition, picture->filename);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	MailLimits limits = MAIL_LIMITS_DEFAULT;
	g_autoptr(Mail) mail = mail_parse(bytes, &limits, NULL);
	g_autoptr(GPtrArray) items = facts_of(mail);
	g_autofree char *found = best_items(items);

	assert_string_equal(found, picture->wanted ? "screenshot" : "");
}

/* An addressee is where help is asked, unless our own address stands beside it. */
static void
tells_addressees(void **state)
{
	static const char text[] =
	        "From: anna@rossi.example.it\nTo: b@due.example\n"
	        "Cc: assistenza@provider.example.it\n\nnon riesco a scrivere a "
	        "b@due.example\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	MailLimits limits = MAIL_LIMITS_DEFAULT;
	(void)state;
	for (int set = 0; set < 2; set++) {
		g_autoptr(Settings) settings = settings_default();
		g_autoptr(Mail) mail = mail_parse(bytes, &limits, NULL);
		settings->identity.address =
		        set ? g_strdup("assistenza@provider.example.it") : NULL;
		g_autoptr(Passages) passages =
		        passages_collect(mail, settings, shipped_vocabulary);
		g_autoptr(GPtrArray) items = facts_extract(
		        mail, passages, NULL, settings, shipped_vocabulary);
		assert_int_equal(items->len, set);
	}
}

/* MAILER-DAEMON and the like: an author without "@". */
static void
reads_an_author_without_domain(void **state)
{
	static const char text[] = "From: MAILER-DAEMON\nTo: anna@rossi.example.it\n\n"
	                           "rejected: a@uno.example, b@due.example\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	MailLimits limits = MAIL_LIMITS_DEFAULT;
	(void)state;
	g_autoptr(Settings) settings = settings_default();
	g_autoptr(Mail) mail = mail_parse(bytes, &limits, NULL);
	g_autoptr(Passages) passages =
	        passages_collect(mail, settings, shipped_vocabulary);
	g_autoptr(GPtrArray) items =
	        facts_extract(mail, passages, NULL, settings, shipped_vocabulary);
	assert_string_equal(mail->from->address, "MAILER-DAEMON");
	assert_non_null(items);
}

/* Every address of a text as fact_spoken_address() finds it, one behind another. */
static char *
dictated(const Facts *facts, const char *text)
{
	gsize start = 0, end;
	char *address;
	GString *all = g_string_new(NULL);
	while ((address = fact_spoken_address(
	                facts, text, strlen(text), &start, &end)) != NULL) {
		g_string_append_printf(all, "%s ", address);
		g_free(address);
		start = end;
	}
	return g_string_free(all, FALSE);
}

/* The test that spares most texts the search must lose none: words in any order. */
static void
loses_no_dictated_address(void **state)
{
	static const char *const words[] = { "mario", "chiocciola", "at", "punto",
		"dot", "prodotto", "appunto", "it", "ditta", ".", "punto.", "-" };
	const Facts facts = { .vocabulary = shipped_vocabulary };
	guint found = 0, spared = 0;
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 4000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (gint i = g_rand_int_range(chance, 1, 14); i > 0; i--)
			g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "",
			        words[g_rand_int_range(
			                chance, 0, G_N_ELEMENTS(words))]);
		g_autofree char *addresses = dictated(&facts, text->str);
		gboolean may = fact_may_be_spoken(&facts, text->str, text->len);
		found += addresses[0] != '\0';
		spared += !may;
		if (addresses[0] != '\0' && !may)
			fail_msg("'%s' holds %s", text->str, addresses);
	}
	assert_in_range(found, 50, 4000);
	assert_in_range(spared, 1000, 4000);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(tells_addressees),
	        cmocka_unit_test(reads_an_author_without_domain),
	        cmocka_unit_test(loses_no_dictated_address));
	suite_add_table(suite, samples, finds_facts);
	suite_add_table(suite, pictures, tells_pictures);
	return suite_run(
	        suite, "facts", shipped_vocabulary_load, shipped_vocabulary_free);
}
