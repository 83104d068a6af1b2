/* A copy for another system: whoever reads it sees our fields once, and none that was forged. */
#include <string.h>

#include "mail/annotate.h"
#include "tests/fuzz/target.h"

static const char *const prefixes[] = { "X-Triaged-", "X-OTRS-", NULL };

/* Header lines end in CRLF only, so all readers agree on where they begin. */
static gboolean
is_forged(const char *line)
{
	return g_ascii_strncasecmp(line, "X-OTRS-", strlen("X-OTRS-")) == 0;
}

static void
check_header(const char *text, gsize size)
{
	g_autofree char *copy = g_strndup(text, size);
	char *body = strstr(copy, "\r\n\r\n");
	target_must(body != NULL || g_str_has_prefix(copy, "\r\n"));
	if (body == NULL)
		return;
	*body = '\0';
	g_auto(GStrv) lines = g_strsplit(copy, "\r\n", -1);
	guint ours = 0;
	for (guint i = 0; lines[i] != NULL; i++) {
		target_must(strpbrk(lines[i], "\r\n") == NULL);
		target_must(!is_forged(lines[i]));
		ours += g_ascii_strncasecmp(lines[i],
		                "X-Triaged-Class:", strlen("X-Triaged-Class:")) == 0;
	}
	target_must(ours == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	/* A server gives no NUL, and APPEND takes none. */
	if (size > 0 && memchr(data, '\0', size) != NULL)
		return 0;
	g_autofree char *value = target_text(data, size);
	g_autoptr(GBytes) mail = g_bytes_new(data, size);
	g_autoptr(Annotation) annotation = annotation_new();
	annotation_add(annotation, "X-Triaged-Class", "spam-detected");
	annotation_add(annotation, "X-Triaged-Found", value);
	g_autoptr(GBytes) copy = annotate(mail, annotation, prefixes);
	gsize length;
	const char *text = g_bytes_get_data(copy, &length);
	check_header(text, length);
	return 0;
}
