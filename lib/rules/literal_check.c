#include <string.h>

#include "rules/literal.h"

/* The length of an escape or group name at this place, whose letters are no text. */
static gsize
skip_syntax(const char *at)
{
	if (*at != '\\' && *at != '(' && *at != '[')
		return 0;
	if (at[0] == '\\' && at[1] != '\0') {
		if (strchr("pPkgx", at[1]) != NULL && at[2] == '{')
			return strcspn(at, "}");
		return 2;
	}
	if (g_str_has_prefix(at, "(?P") || g_str_has_prefix(at, "(?<") ||
	        g_str_has_prefix(at, "(?'"))
		return strcspn(at, ">'!=)");
	if (g_str_has_prefix(at, "[:") || g_str_has_prefix(at, "(*"))
		return strcspn(at, "])");
	return 0;
}

static const char *
unfolded(const char *at)
{
	if (g_ascii_isupper(*at))
		return "a capital letter";
	if ((guchar)*at >= 0x80)
		return "an accented or special letter";
	return at[0] == ' ' && at[1] == ' ' ? "two spaces" : NULL;
}

void
literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings)
{
	for (const char *at = expression; *at != '\0';) {
		gsize syntax = skip_syntax(at);
		const char *what = syntax == 0 ? unfolded(at) : NULL;
		if (what != NULL) {
			problems_add(warnings, file, line,
			        "pattern '%s' holds %s, which folded text never does",
			        expression, what);
			return;
		}
		at += MAX(syntax, 1);
	}
}
