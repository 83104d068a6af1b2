#include "triage/authentication.h"

#include <string.h>

/* The value without its (comments), which may nest, and with quoted strings emptied: both
 * may hold anything, "dmarc=fail" too. */
static char *
strip_comments(const char *value)
{
	GString *plain = g_string_new(NULL);
	guint depth = 0;
	gboolean quoted = FALSE;
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			continue;
		}
		if (*p == '"' && depth == 0)
			quoted = !quoted;
		else if (*p == '(' && !quoted)
			depth++;
		else if (*p == ')' && !quoted && depth > 0)
			depth--;
		else if (depth == 0 && !quoted)
			g_string_append_c(plain, *p);
	}
	return g_string_free(plain, FALSE);
}

/* The first word of the value: "mx.example.it 1; spf=..." -> "mx.example.it". */
static gboolean
is_of_authority(const char *results, const char *authserv_id)
{
	g_auto(GStrv) parts = g_strsplit(results, ";", 2);
	if (parts[0] == NULL)
		return FALSE;
	g_auto(GStrv) words = g_strsplit_set(g_strstrip(parts[0]), " \t", 2);
	return words[0] != NULL && g_ascii_strcasecmp(words[0], authserv_id) == 0;
}

/* What the authority says, topmost first. Each of its filters may write a field of its own. */
static GPtrArray *
trusted_results(const Header *header, const char *authserv_id)
{
	g_autoptr(GPtrArray) fields = header_get_all(header, "Authentication-Results");
	GPtrArray *trusted = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < fields->len; i++) {
		g_autofree char *results = strip_comments(g_ptr_array_index(fields, i));
		if (is_of_authority(results, authserv_id))
			g_ptr_array_add(trusted, g_steal_pointer(&results));
	}
	return trusted;
}

/* Whether one of the "method=result" statements says so (NULL: says anything); methods may
 * carry "/version". */
static gboolean
results_say(const char *results, const char *method, const char *wanted)
{
	gsize method_length = strlen(method);
	g_auto(GStrv) statements = g_strsplit(results, ";", -1);
	for (char **statement = statements; *statement != NULL; statement++) {
		g_autofree char *text = g_ascii_strdown(*statement, -1);
		char *equals = strchr(g_strstrip(text), '=');
		if (equals == NULL || !g_str_has_prefix(text, method) ||
		        strchr(" \t/=", text[method_length]) == NULL)
			continue;
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(equals + 1), " \t", 2);
		if (words[0] != NULL &&
		        (wanted == NULL || strcmp(words[0], wanted) == 0))
			return TRUE;
	}
	return FALSE;
}

/* Whether the topmost field that speaks of the method says so: one below it is forged. */
static gboolean
topmost_says(const GPtrArray *trusted, const char *method, const char *wanted)
{
	for (guint i = 0; i < trusted->len; i++) {
		const char *results = g_ptr_array_index(trusted, i);
		if (results_say(results, method, NULL))
			return results_say(results, method, wanted);
	}
	return FALSE;
}

/* Who fails may be told by any of the authority's filters. Who passes only by the topmost: the
 * authority may not ask for DMARC at all, and the sender wrote what stands below. */
char *
authentication_failure(const Header *header, const char *authserv_id)
{
	g_autoptr(GPtrArray) trusted = trusted_results(header, authserv_id);
	if (trusted->len == 0)
		return NULL;
	if (topmost_says(trusted, "dmarc", "fail"))
		return g_strdup("Authentication-Results: dmarc=fail");
	const char *first = g_ptr_array_index(trusted, 0);
	if (results_say(first, "dmarc", "pass") || results_say(first, "dkim", "pass"))
		return NULL;
	if (topmost_says(trusted, "spf", "fail") ||
	        topmost_says(trusted, "spf", "hardfail"))
		return g_strdup("Authentication-Results: spf=fail");
	return NULL;
}
