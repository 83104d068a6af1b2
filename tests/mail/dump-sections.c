/* dump-sections FILE...: the sections of every text part, for looking at. */
#include <stdio.h>
#include <string.h>

#include "mail/section.h"
#include "rules/vocabulary.h"

static const Markers *markers;
static const char *subject;

static void
dump_part(const Part *part, guint depth, gpointer data)
{
	static const char *const names[] = { "words", "forward", "quote", "headers",
		"report", "signature" };
	(void)data;
	(void)depth;
	if (part->text == NULL || part->alternative)
		return;
	g_autoptr(GPtrArray) sections = sections_split(part->text, subject, markers);
	for (guint i = 0; i < sections->len; i++) {
		const Section *section = sections->pdata[i];
		printf("== part %s %s depth %u line %u\n", part->id,
		        names[section->kind], section->depth, section->line);
		for (guint k = 0;
		        section->header != NULL && k < section->header->fields->len;
		        k++) {
			const HeaderField *field = section->header->fields->pdata[k];
			printf("   [%s: %s]\n", field->name, field->value);
		}
		printf("%s", section->text);
	}
}

int
main(int argc, char **argv)
{
	const char *data = g_getenv("TRIAGED_DATADIR");
	g_autofree char *catalogue =
	        g_build_filename(data != NULL ? data : "config", "catalogue", NULL);
	const char *const directories[] = { catalogue, NULL };
	g_autoptr(Vocabulary) vocabulary = vocabulary_load(directories, NULL);
	markers = vocabulary_markers(vocabulary);
	for (int i = 1; i < argc; i++) {
		g_autofree char *text = NULL;
		gsize length = 0;
		if (!g_file_get_contents(argv[i], &text, &length, NULL))
			return 74;
		g_autoptr(GBytes) bytes = g_bytes_new(text, length);
		g_autoptr(Mail) mail = mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
		if (mail == NULL)
			continue;
		printf("##### %s | %s\n", argv[i], mail->subject);
		subject = mail->subject;
		mail_walk(mail, dump_part, NULL);
	}
	return 0;
}
