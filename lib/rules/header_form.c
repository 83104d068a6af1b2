#include "rules/header_form.h"

#include <string.h>

#include "rules/nearest.h"

#define FORM_BYTES_MAX 500
#define OURS "X-Triaged-"

const char *const header_form_names[] = { "class", "detail", "title", "confidence",
	"missing", "found", "reply", "ticket", "id", "mailbox", NULL };

/* RFC 5322 3.6.8, ftext */
static gboolean
is_field_name(const char *name, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isgraph(name[i]) || name[i] == ':')
			return FALSE;
	return length > strlen("X-") && g_ascii_strncasecmp(name, "X-", 2) == 0;
}

/* The name in the braces that open at open, and what stands behind them; NULL: not closed. */
static char *
take_place(const char *open, const char **behind)
{
	const char *close = strchr(open, '}');
	if (close == NULL)
		return NULL;
	*behind = close + 1;
	return g_strndup(open + 1, (gsize)(close - open - 1));
}

static char *
places_problem(const char *value)
{
	for (const char *at = value; (at = strchr(at, '{')) != NULL;) {
		g_autofree char *name = take_place(at, &at);
		if (name == NULL)
			return g_strdup("'{' without '}'");
		if (!g_strv_contains(header_form_names, name))
			return g_strdup_printf(
			        "unknown name '{%s}', did you mean '{%s}'?", name,
			        nearest_name(name, header_form_names));
	}
	return NULL;
}

char *
header_form_problem(const char *form)
{
	const char *colon = strchr(form, ':');
	if (strlen(form) > FORM_BYTES_MAX)
		return g_strdup_printf("it is longer than %d bytes", FORM_BYTES_MAX);
	for (const char *at = form; *at != '\0'; at++)
		if (g_ascii_iscntrl(*at))
			return g_strdup("it holds a control character");
	if (colon == NULL || !is_field_name(form, (gsize)(colon - form)))
		return g_strdup("it is no field such as \"X-OTRS-Queue: Posta\"");
	if (g_ascii_strncasecmp(form, OURS, strlen(OURS)) == 0)
		return g_strdup("the fields " OURS "* are set without being asked for");
	return places_problem(colon + 1);
}

void
header_form_fill(const char *form, const Values *values, char **name, char **value)
{
	const char *colon = strchr(form, ':');
	g_autoptr(GString) filled = g_string_new(NULL);
	*name = g_strndup(form, (gsize)(colon - form));
	for (const char *at = colon + 1; *at != '\0';) {
		gsize literal = strcspn(at, "{");
		g_string_append_len(filled, at, (gssize)literal);
		at += literal;
		if (*at == '\0')
			break;
		g_autofree char *place = take_place(at, &at);
		const char *text = values_text(values, place);
		g_string_append(filled, text != NULL ? text : "");
	}
	g_strstrip(filled->str);
	*value = filled->str[0] != '\0' ? g_strdup(filled->str) : NULL;
}
