#include "rules/setting_unknown.h"

#include <string.h>

#include "rules/nearest.h"

#define SHOWN_MAX 40 /* bytes of a wrong value */

/* What other programs call it; the last part of a name. */
static const struct {
	const char *name, *words;
} habits[] = {
	{ "password", "a secret never stands here: give 'password_file', "
	              "'password_command', 'token_command' or 'credential'" },
	{ "pass", "a secret never stands here: give 'password_file', "
	          "'password_command', 'token_command' or 'credential'" },
	{ "username", "it is called 'user'" },
	{ "login", "it is called 'user'" },
	{ "host", "it is part of 'url', such as imaps://imap.example.it" },
	{ "hostname", "it is part of 'url', such as imaps://imap.example.it" },
	{ "server", "it is called 'url', such as imaps://imap.example.it" },
	{ "port", "it is part of 'url', such as imaps://imap.example.it:993" },
	{ "ssl", "it is part of 'url': imaps:// and smtps:// are encrypted from the "
	         "start, imap:// and smtp:// by STARTTLS" },
	{ "starttls", "it is part of 'url': imap:// and smtp:// are encrypted by "
	              "STARTTLS" },
	{ "email", "it is called 'address'" },
	{ "mail", "it is called 'address'" },
	{ "from", "it is called 'identity.address'" },
	{ "interval", "it is called 'poll_seconds'" },
	{ "inbox", "it is called 'folder'" },
	{ "log_level", "triaged -v logs more; nothing else is set" },
	{ "loglevel", "triaged -v logs more; nothing else is set" },
	{ "log_file", "the log goes to the standard error, which the journal keeps" },
	{ "daemon", "triaged stays in the foreground: a service manager runs it" },
	{ "dry_run", "triaged -n is the dry run; mode = \"observe\" watches and does "
	             "nothing" },
	{ "retention", "it is called 'retention_days'" },
};

/* A name of the same group is preferred to one elsewhere. */
typedef struct {
	const char *wanted; /* whole */
	const char *name;   /* its last part */
	guint best, slips;  /* weighed, and in letters */
	char *nearest;
} Search;

static void
search_rows(Search *search, const SettingRow *rows, const char *path)
{
	for (; rows->name != NULL; rows++) {
		g_autofree char *full =
		        g_strconcat(path, path[0] ? "." : "", rows->name, NULL);
		gsize group = strlen(full) - strlen(rows->name);
		gboolean near = (gsize)(search->name - search->wanted) == group &&
		                strncmp(search->wanted, full, group) == 0;
		guint slips = nearest_distance(search->name, rows->name);
		guint distance = 4 * slips + (near ? 0 : 3);
		if (distance < search->best) {
			search->best = distance;
			search->slips = slips;
			g_free(search->nearest);
			search->nearest = g_strdup(full);
		}
		if (rows->rows != NULL)
			search_rows(search, rows->rows, full);
	}
}

static char *
list_names(const SettingRow *rows)
{
	g_autoptr(GString) names = g_string_new(NULL);
	for (; rows->name != NULL; rows++)
		g_string_append_printf(
		        names, "%s'%s'", names->len > 0 ? ", " : "", rows->name);
	return g_string_free(g_steal_pointer(&names), FALSE);
}

/* Half of the letters may be wrong, of which there is no sense in guessing. */
static gboolean
is_near(const Search *search)
{
	return search->slips <= MAX(strlen(search->name) / 3, 1) ||
	       g_str_has_prefix(strrchr(search->nearest, '.') != NULL
	                                ? strrchr(search->nearest, '.') + 1
	                                : search->nearest,
	               search->name);
}

char *
setting_unknown_words(const SettingRow *rows, const char *name)
{
	const char *dot = strrchr(name, '.');
	Search search = {
		.wanted = name, .name = dot != NULL ? dot + 1 : name, .best = G_MAXUINT
	};
	for (gsize i = 0; i < G_N_ELEMENTS(habits); i++)
		if (g_ascii_strcasecmp(search.name, habits[i].name) == 0)
			return g_strconcat(": ", habits[i].words, NULL);
	search_rows(&search, setting_table, "");
	g_autofree char *nearest = search.nearest;
	if (is_near(&search))
		return g_strdup_printf(", did you mean '%s'?", nearest);
	g_autofree char *names = list_names(rows);
	return g_strdup_printf(": known here are %s", names);
}

char *
setting_choice_words(const SettingRow *row, const char *value)
{
	g_autofree char *lower = g_ascii_strdown(value, -1);
	const char *nearest = nearest_name(lower, row->choices);
	g_autofree char *shown = g_strndup(value, SHOWN_MAX);
	gboolean near = nearest_distance(lower, nearest) <= MAX(strlen(lower) / 3, 1);
	return g_strdup_printf(", not \"%s\"%s%s%s", shown,
	        near ? ": did you mean \"" : "", near ? nearest : "",
	        near ? "\"?" : "");
}
