/* Print the tree of mails given as files: id kind type filename size chars; -t: texts too. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "mail/mail.h"

static const char *const kind_names[] = { "multipart", "text", "html", "message",
	"delivery-status", "headers", "image", "unreadable", "other" };

static void
print_part(const Part *part, guint depth, gpointer with_text)
{
	printf("%*s%s %s %s", (int)depth * 2, "", part->id, kind_names[part->kind],
	        part->type);
	if (part->filename != NULL)
		printf(" \"%s\"", part->filename);
	printf(" %zu", part->size);
	if (part->text != NULL)
		printf(" chars=%ld", g_utf8_strlen(part->text, -1));
	if (part->width > 0)
		printf(" %ux%u", part->width, part->height);
	printf("%s%s\n", part->attachment ? " attachment" : "",
	        part->alternative ? " alternative" : "");
	if (part->message != NULL)
		printf("%*ssubject: %s\n", (int)depth * 2, "", part->message->subject);
	if (with_text != NULL && part->text != NULL)
		printf("----\n%s\n----\n", part->text);
}

static int
dump(const char *name, gboolean with_text)
{
	char *bytes;
	gsize length;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(name, &bytes, &length, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	g_autoptr(GBytes) data = g_bytes_new_take(bytes, length);
	gint64 start = g_get_monotonic_time();
	g_autoptr(Mail) mail = mail_parse(data, &MAIL_LIMITS_DEFAULT, &error);
	gint64 took = g_get_monotonic_time() - start;
	if (mail == NULL) {
		printf("%s: %s\n", name, error->message);
		return 1;
	}
	printf("%s: %zu bytes, %u fields, %" G_GINT64_FORMAT
	       " us%s%s\nsubject: %s\nfrom: %s <%s>\n",
	        name, mail->size, mail->header->fields->len, took,
	        mail->limit != NULL ? ", limit " : "",
	        mail->limit != NULL ? mail->limit : "", mail->subject,
	        mail->from != NULL && mail->from->name != NULL ? mail->from->name : "",
	        mail->from != NULL ? mail->from->address : "");
	mail_walk(mail, print_part, with_text ? (gpointer) "" : NULL);
	return 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;
	gboolean with_text = argc > 1 && strcmp(argv[1], "-t") == 0;
	for (int i = with_text ? 2 : 1; i < argc; i++)
		failed |= dump(argv[i], with_text);
	return failed;
}
