#include "quoting.h"

#include <string.h>

#define WIDTH 72

/* Paragraphs as programs wrap them when they quote: every line with its mark. */
static void
append_wrapped(GString *out, const char *line, const char *mark)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 0);
	gsize column = 0;
	g_string_append(out, mark);
	for (char **word = words; *word != NULL; word++) {
		gsize length = strlen(*word);
		if (column > 0 && column + 1 + length > WIDTH) {
			g_string_append_printf(out, "\n%s", mark);
			column = 0;
		}
		if (column > 0)
			g_string_append_c(out, ' ');
		g_string_append(out, *word);
		column += length + 1;
	}
	g_string_append_c(out, '\n');
}

static char *
marked(const char *text, const char *mark)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		append_wrapped(out, *line, mark);
	return g_string_free(out, FALSE);
}

static char *
write_gmail(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "> ");
	return g_strdup_printf(
	        "%s\n\nIl giorno gio 5 nov 2026 alle ore 10:00 Assistenza "
	        "<assistenza@provider.example.it>\nha scritto:\n\n%s",
	        answer, quote);
}

static char *
write_outlook(const char *answer, const char *quoted)
{
	return g_strdup_printf(
	        "%s\n\n-----Messaggio originale-----\n"
	        "Da: Assistenza <assistenza@provider.example.it> \n"
	        "Inviato: giovedì 5 novembre 2026 10:00\n"
	        "A: anna.bassi@officinabassi.example.it\nOggetto: Re: Errore\n\n%s",
	        answer, quoted);
}

static char *
write_new_outlook(const char *answer, const char *quoted)
{
	return g_strdup_printf("%s\n\n________________________________\n"
	                       "Da: Assistenza <assistenza@provider.example.it>\n"
	                       "Inviato: giovedì 5 novembre 2026 10:00\n"
	                       "A: Anna Bassi <anna.bassi@officinabassi.example.it>\n"
	                       "Oggetto: Re: Errore\n\n%s",
	        answer, quoted);
}

static char *
write_thunderbird(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "> ");
	return g_strdup_printf(
	        "Il 05/11/26 10:00, Assistenza ha scritto:\n%s\n\n%s\n", quote, answer);
}

static char *
write_roundcube(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "> ");
	return g_strdup_printf(
	        "%s\n\nIl 2026-11-05 10:00 Assistenza ha scritto:\n%s", answer, quote);
}

static char *
write_iphone(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "> ");
	return g_strdup_printf(
	        "%s\n\nInviato da iPhone\n\n> Il giorno 5 nov 2026, alle ore 10:00, "
	        "Assistenza <assistenza@provider.example.it> ha scritto:\n> \n%s",
	        answer, quote);
}

static char *
write_bare_marks(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "> ");
	return g_strdup_printf("%s\n\n%s", answer, quote);
}

/* Phones and web forms: neither mark nor attribution. */
static char *
write_stripped(const char *answer, const char *quoted)
{
	return g_strdup_printf("%s\n\n%s", answer, quoted);
}

static char *
write_stripped_below(const char *answer, const char *quoted)
{
	return g_strdup_printf("%s\n\n%s\n", quoted, answer);
}

static char *
write_stripped_wrapped(const char *answer, const char *quoted)
{
	g_autofree char *quote = marked(quoted, "");
	return g_strdup_printf("%s\n\n%s", answer, quote);
}

const QuotingStyle quoting_styles[] = {
	{ "gmail", write_gmail },
	{ "outlook", write_outlook },
	{ "new-outlook", write_new_outlook },
	{ "thunderbird-below", write_thunderbird },
	{ "roundcube", write_roundcube },
	{ "iphone", write_iphone },
	{ "bare-marks", write_bare_marks },
	{ "stripped", write_stripped },
	{ "stripped-below", write_stripped_below },
	{ "stripped-wrapped", write_stripped_wrapped },
	{ NULL, NULL },
};

const QuotingStyle *
quoting_find(const char *name)
{
	for (const QuotingStyle *style = quoting_styles; style->name != NULL; style++)
		if (strcmp(style->name, name) == 0)
			return style;
	return NULL;
}
