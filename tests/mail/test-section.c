#include <string.h>

#include "mail/section.h"
#include "rules/vocabulary.h"
#include "tests/shipped.h"
#include "tests/slowness.h"

/* One section per line: kind's letter, depth, author in [], text with '/' for line ends. */
static char *
show(const GPtrArray *sections)
{
	static const char letters[] = "WFQHRS";
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < sections->len; i++) {
		const Section *section = sections->pdata[i];
		const char *from = section->header != NULL
		                           ? header_get(section->header, "From")
		                           : NULL;
		g_autofree char *text = g_strchomp(g_strdup(section->text));
		g_strdelimit(text, "\n", '/');
		g_string_append_printf(out, "%s%c%u%s%s%s %s", i > 0 ? "\n" : "",
		        letters[section->kind], section->depth, from != NULL ? "[" : "",
		        from != NULL ? from : "", from != NULL ? "]" : "", text);
	}
	return g_string_free(out, FALSE);
}

#define BLOCK                                                                          \
	"Da: Ugo <ugo@b.example>\nInviato: giovedì 5 novembre 2026 15:30\n"           \
	"A: Mario <m@a.example>\nOggetto: prova\n\n"

static const struct sample {
	const char *name, *subject, *text, *wanted;
} samples[] = {
	{ "empty", "", "", "W0 " },
	{ "words", "x", "Ciao\n\nnon va\n", "W0 Ciao//non va" },
	/* forwards */
	{ "gmail's mixed labels", "Fwd: x",
	        "vedi sotto\n\n---------- Forwarded message ---------\n"
	        "Da: Ugo <ugo@b.example>\nDate: mer 27 ott 2026 alle ore 09:31\n"
	        "Subject: prova\nTo: <m@a.example>\n\n\ntesto\n",
	        "W0 vedi sotto\nF1[Ugo <ugo@b.example>] testo" },
	{ "thunderbird, tabs", "I: x",
	        "-------- Messaggio Inoltrato --------\nOggetto: \tprova\n"
	        "Data: \tWed, 4 Nov 2026 10:00:00 +0100\nMittente: \tUgo "
	        "<ugo@b.example>\n"
	        "A: \tm@a.example\n\n\ntesto\n",
	        "W0 \nF1[Ugo <ugo@b.example>] testo" },
	{ "apple, the block quoted", "x",
	        "ecco\n\nInizio messaggio inoltrato:\n\n> Da: Ugo <ugo@b.example>\n"
	        "> Oggetto: prova\n> Data: 4 novembre 2026\n> A: m@a.example\n>\n"
	        "> testo\n> > vecchio\n\ngrazie\n",
	        "W0 ecco\nF1[Ugo <ugo@b.example>] testo\nF2 vecchio\nW0 grazie" },
	{ "apple, all quoted, in a reply", "Re: x",
	        "ecco\n\n> Inizio messaggio inoltrato:\n> \n> Da: Ugo <ugo@b.example>\n"
	        "> Oggetto: prova\n> \n> testo\n",
	        "W0 ecco\nF1[Ugo <ugo@b.example>] testo" },
	{ "yahoo, the block on one line", "I: x",
	        "vedi\n----- Messaggio inoltrato -----\n"
	        "Da: Ugo <ugo@b.example>A: Mario <m@a.example>Cc: X "
	        "<x@c.example>Inviato: "
	        "martedì 2 novembre 2026, 09:26:50 CETOggetto: prova\ntesto\n",
	        "W0 vedi\nF1[Ugo <ugo@b.example>] testo" },
	{ "new outlook, nothing over the block", "I: prova",
	        "guarda qui\n\n" BLOCK "testo\n",
	        "W0 guarda qui\nF1[Ugo <ugo@b.example>] testo" },
	{ "outlook on the web, underscores", "x",
	        "guarda\n________________________________\n" BLOCK "testo\n",
	        "W0 guarda\nF1[Ugo <ugo@b.example>] testo" },
	{ "outlook classic, mailto in brackets", "I: prova",
	        "-----Messaggio originale-----\nDa: Ugo [mailto:ugo@b.example]\n"
	        "Inviato: giovedì\nA: Mario\nOggetto: prova\n\ntesto\n",
	        "W0 \nF1[Ugo <ugo@b.example>] testo" },
	{ "bold labels, empty lines between", "FW: x",
	        "*From:* Ugo <ugo@b.example>\n\n*Sent:* Thursday\n\n*To:* "
	        "m@a.example\n\n"
	        "*Subject:* prova\n\ntesto\n",
	        "W0 \nF1[Ugo <ugo@b.example>] testo" },
	{ "forward inside a forward", "I: I: x",
	        "aiuto\n\n" BLOCK "uno\n\n---------- Messaggio inoltrato ---------\n"
	        "Da: Pia <pia@c.example>\nOggetto: altro\n\ndue\n",
	        "W0 aiuto\nF1[Ugo <ugo@b.example>] uno\nF2[Pia <pia@c.example>] due" },
	{ "no-break spaces and a byte order mark", "I: x",
	        "\xef\xbb\xbf---------- Messaggio inoltrato ---------\xc2\xa0\n"
	        "Da:\xc2\xa0Ugo <ugo@b.example>\xc2\xa0\nOggetto: prova\n\ntesto\n",
	        "W0 \nF1[Ugo <ugo@b.example>] testo" },
	/* replies */
	{ "gmail's attribution, wrapped", "Re: x",
	        "va\n\nIl giorno gio 5 nov 2026 alle ore 10:22 Assistenza\n"
	        "<help@b.example> ha scritto:\n\n> vecchio\n> testo\n",
	        "W0 va\nQ1[Assistenza <help@b.example>] vecchio/testo" },
	{ "thunderbird's attribution, answers between", "Re: x",
	        "Il 05/11/26 10:22, Ugo ha scritto:\n> quale errore?\n\n550 spam\n\n"
	        "> da quando?\n\nieri\n",
	        "Q1[Ugo] quale errore?\nW0 550 spam\nQ1 da quando?\nW0 ieri" },
	{ "english attribution, nested", "Re: x",
	        "ok\n\nOn 05/11/26 10:22, Ugo wrote:\n> uno\n>> due\n> > > tre\n",
	        "W0 ok\nQ1[Ugo] uno\nQ2 due\nQ3 tre" },
	{ "attribution without marks", "R: x",
	        "ok\n\nIl giorno 28/10/2026, 12:46 \"Ugo\" <ugo@b.example> ha "
	        "scritto:\n\n"
	        "    vecchio\n    testo\n",
	        "W0 ok\nQ1[\"Ugo\" <ugo@b.example>] vecchio/testo" },
	{ "outlook's block in a reply is history", "R: prova",
	        "ho fatto\n\n" BLOCK "testo\n",
	        "W0 ho fatto\nQ1[Ugo <ugo@b.example>] testo" },
	{ "a quote at the end of a reply", "Re: x",
	        "fatto\n\n> Può indicarci l'errore?\n",
	        "W0 fatto\nQ1 Può indicarci l'errore?" },
	{ "a mail system's words are content", "Re: x",
	        "vedi\n\nIl 05/11/26 10:22, MAILER-DAEMON@b.example ha scritto:\n"
	        "> non consegnato\n",
	        "W0 vedi\nF1[MAILER-DAEMON@b.example] \nR1[MAILER-DAEMON@b.example] "
	        "non consegnato" },
	{ "prose is no attribution", "x",
	        "Nessuno di noi ha scritto a quegli indirizzi.\nIl cliente ha "
	        "scritto:\nciao\n",
	        "W0 Nessuno di noi ha scritto a quegli indirizzi./Il cliente ha "
	        "scritto:/ciao" },
	{ "prose about somebody is no attribution", "x",
	        "Un cliente (x@b.example) mi dice che cosa gli torna quando mi "
	        "scrive:\n\n"
	        "550 no such user\n",
	        "W0 Un cliente (x@b.example) mi dice che cosa gli torna quando mi "
	        "scrive://550 no such user" },
	/* pasted */
	{ "quote marks around a pasted error", "errore",
	        "ecco\n\n> 553 sorry\n> auth\n\nboh\n",
	        "W0 ecco\nF1 553 sorry/auth\nW0 boh" },
	{ "a customer's own list", "Re: x",
	        "mittente: a@a.example\ndestinatario: b@b.example\noggetto: "
	        "prova\ndata: ieri\n",
	        "W0 mittente: a@a.example/destinatario: b@b.example/oggetto: "
	        "prova/data: ieri" },
	{ "pasted header", "x",
	        "ecco\n\nReturn-Path: <a@a.example>\nReceived: from x\n        by y; "
	        "z\n"
	        "Subject: s\n\ngrazie\n",
	        "W0 ecco\nH0 Return-Path: <a@a.example>/Received: from x/        by y; "
	        "z/Subject: s\nW0 grazie" },
	{ "pasted report, words under it", "x",
	        "mi torna\n\nHi. This is the qmail-send program at a.example.\n\n"
	        "<b@b.example>:\n192.0.2.4 does not like recipient.\n550 no\n\naiuto\n",
	        "W0 mi torna\nR0 Hi. This is the qmail-send program at "
	        "a.example.//<b@b.example>:/192.0.2.4 does not like recipient./550 no\n"
	        "W0 aiuto" },
	{ "pasted refusal", "x",
	        "ecco:\n<b@b.example>: host x said: 550\n    no\n\nperché?\n",
	        "W0 ecco:\nR0 <b@b.example>: host x said: 550/    no\nW0 perché?" },
	{ "pasted fields", "x",
	        "c'è\n  Status: 5.2.0\n  Final-Recipient: rfc822; "
	        "b@b.example\n\noggi\n",
	        "W0 c'è/  Status: 5.2.0\nR0   Final-Recipient: rfc822; b@b.example\nW0 "
	        "oggi" },
	{ "a line of a log", "x",
	        "dal log:\na postfix/smtp[1]: A1: to=<b@b.example>, dsn=5.1.1, "
	        "status=bounced (550 no)\nvedete?\n",
	        "W0 dal log:\nR0 a postfix/smtp[1]: A1: to=<b@b.example>, dsn=5.1.1, "
	        "status=bounced (550 no)\nW0 vedete?" },
	{ "quoted-printable", "x",
	        "perch=C3=A9 non =C3=A8 arrivata e perch=C3=A9 torna indietro da "
	        "ie=\nri\n",
	        "W0 perché non è arrivata e perché torna indietro da ieri" },
	{ "a URL is no quoted-printable", "x", "http://b.example/?a=20&b=3D&c=C3\n",
	        "W0 http://b.example/?a=20&b=3D&c=C3" },
	{ "a session is no quote", "x", ">>> RCPT TO:<b@b.example>\n",
	        "W0 >>> RCPT TO:<b@b.example>" },
	/* signatures */
	{ "signature", "x", "ciao\n-- \nMario\ntel. 1\n",
	        "W0 ciao\nS0 --/Mario/tel. 1" },
	{ "a phone's signature", "x", "ciao\n\nInviato da iPhone\n\nancora\n",
	        "W0 ciao\nS0 Inviato da iPhone\nW0 ancora" },
	{ "a phone's signature right over a block", "R: x",
	        "no\n\nOttieni Outlook per "
	        "iOS\n________________________________\n" BLOCK "testo\n",
	        "W0 no\nS0 Ottieni Outlook per iOS\nQ1[Ugo <ugo@b.example>] testo" },
	{ "a raw bounce of an unknown system", "x",
	        "ecco\n\nReturn-Path: <>\nReceived: from x\nFrom: "
	        "MAILER-DAEMON@b.example\n"
	        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
	        "text/plain\n\nLa casella u@b.example non esiste\n",
	        "W0 ecco\nH0[MAILER-DAEMON@b.example] Return-Path: <>/Received: from "
	        "x/From: "
	        "MAILER-DAEMON@b.example/"
	        "Content-Type: multipart/mixed; boundary=b\n"
	        "R0 --b/Content-Type: text/plain//La casella u@b.example non esiste" },
	{ "an error under two dashes", "x", "ecco\n--\n550 5.7.1 no\n",
	        "W0 ecco/--/550 5.7.1 no" },
};

static void
test_split(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(GPtrArray) sections = sections_split(
	        sample->text, sample->subject, vocabulary_markers(shipped_vocabulary));
	g_autofree char *shown = show(sections);
	assert_string_equal(shown, sample->wanted);
}

/* Every line of every section knows where it stands. */
static void
test_lines(void **state)
{
	(void)state;
	const char *text =
	        "uno\n\nIl 05/11/26 10:22, Ugo ha scritto:\n> due\n>\n> tre\n\nquattro";
	static const char *const wanted[] = { "1", "4 5 6", "8" };
	g_autoptr(GPtrArray) sections =
	        sections_split(text, "Re: x", vocabulary_markers(shipped_vocabulary));
	assert_int_equal(sections->len, 3);
	for (guint i = 0; i < sections->len; i++) {
		const Section *section = sections->pdata[i];
		g_autoptr(GString) lines = g_string_new(NULL);
		for (guint k = 0; k < section->line_count; k++)
			g_string_append_printf(
			        lines, "%s%u", k > 0 ? " " : "", section->lines[k]);
		assert_string_equal(lines->str, wanted[i]);
		assert_int_equal(section->line, section->lines[0]);
	}
}

static const struct flood {
	const char *name, *unit;
} floods[] = {
	{ "quote marks", "> > > > > > > > > > > > x\n" },
	{ "deeper and flatter", "> a\nb\n> > c\n" },
	{ "attributions", "Il 05/11/26 10:22, Ugo ha scritto:\n" },
	{ "openers", "Il 05/11/26 10:22, Ugo\n" },
	{ "blocks", "Da: a\nA: b\nOggetto: c\n\n" },
	{ "labels", "Da: a\n" },
	{ "forward lines", "---------- Messaggio inoltrato ---------\n" },
	{ "fields", "Received: x\n" },
	{ "reports", "<b@b.example>: 550 no\n\n" },
	{ "report openers", "This is the mail system at host x\n" },
	{ "signatures", "--\n" },
	{ "empty lines", "\n" },
	{ "escapes", "=C3=A8=\n" },
};

static void
test_flood(void **state)
{
	const struct flood *flood = *state;
	g_autoptr(GString) text = g_string_new(NULL);
	while (text->len < 1024 * 1024)
		g_string_append(text, flood->unit);
	clock_t start = clock();
	g_autoptr(GPtrArray) sections = sections_split(
	        text->str, "Re: x", vocabulary_markers(shipped_vocabulary));
	assert_in_range(sections->len, 1, 500);
	assert_true(clock() - start < processor_seconds(5));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_split);
	suite_add_table(suite, floods, test_flood);
	suite_add(suite, cmocka_unit_test(test_lines));
	return suite_run(
	        suite, "section", shipped_vocabulary_load, shipped_vocabulary_free);
}
