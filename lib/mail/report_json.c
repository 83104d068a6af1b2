/*
 * Amazon SES tells of bounces and complaints by SNS mails that hold JSON inside JSON. Only
 * four keys of flat objects are wanted, from text that quoting and wrapping may have bent: a
 * scan for them is steadier than a parser.
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_notice.h"

#define JSON_BYTES_MAX (256 * 1024)

/* All lines as one, the quotes of the inner JSON without their backslash. */
static char *
flatten(const Notice *notice)
{
	GString *out = g_string_new(NULL);
	for (guint i = notice->start; i < notice->lines->count; i++)
		for (const char *c = notice->lines->at[i].text;
		        *c != '\0' && out->len < JSON_BYTES_MAX; c++)
			if (*c != '\\' || (c[1] != '"' && c[1] != '\\'))
				g_string_append_c(out, *c);
	return g_string_free(out, FALSE);
}

/* The string behind "key": in the object, which ends at end; NULL when it has none. */
static char *
string_value(const char *object, const char *end, const char *key)
{
	g_autofree char *quoted = g_strdup_printf("\"%s\"", key);
	const char *found = strstr(object, quoted);
	if (found == NULL || found >= end)
		return NULL;
	found += strlen(quoted);
	found += strspn(found, " :");
	gsize length = *found == '"' ? strcspn(found + 1, "\"") : 0;
	return length == 0 || found + length > end ? NULL
	                                           : g_strndup(found + 1, length);
}

static const char *
skip_protocol(const char *diagnostic)
{
	const char *semicolon = strchr(diagnostic, ';');
	if (semicolon == NULL || semicolon - diagnostic > 8)
		return diagnostic;
	return semicolon + 1 + strspn(semicolon + 1, " ");
}

static void
read_object(Notice *notice, const char *object, const char *end)
{
	g_autofree char *address = string_value(object, end, "emailAddress");
	g_autofree char *words = string_value(object, end, "diagnosticCode");
	if (address == NULL)
		return;
	Failure *failure = notice_add(notice, address, notice->start);
	if (failure == NULL)
		return;
	failure->listed = TRUE;
	failure->status = string_value(object, end, "status");
	if (words != NULL)
		failure_offer(
		        failure, skip_protocol(words), failure->line, WORDS_REPLY);
}

void
notice_read_json(Notice *notice)
{
	static const char *const lists[] = { "\"bouncedRecipients\"",
		"\"complainedRecipients\"", "\"delayedRecipients\"" };
	g_autofree char *text = flatten(notice);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const char *list = strstr(text, lists[i]);
		const char *stop = list == NULL ? NULL : strchr(list, ']');
		const char *object = list;
		while (stop != NULL && (object = strchr(object, '{')) != NULL &&
		        object < stop) {
			const char *end = strchr(object, '}');
			if (end == NULL)
				break;
			read_object(notice, object, end);
			object = end;
		}
	}
}
