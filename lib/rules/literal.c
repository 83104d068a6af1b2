#include "rules/literal.h"

#include <string.h>

/* The length of an escape or group name at this place, whose letters are no text. */
static gsize
skip_syntax(const char *at)
{
	if (at[0] == '\\' && at[1] != '\0') {
		if ((at[1] == 'p' || at[1] == 'P' || at[1] == 'k' || at[1] == 'g' ||
		            at[1] == 'x') &&
		        at[2] == '{')
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

void
literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings)
{
	for (const char *at = expression; *at != '\0';) {
		gsize syntax = skip_syntax(at);
		const char *what = NULL;
		if (syntax > 0) {
			at += syntax;
			continue;
		}
		if (g_ascii_isupper(*at))
			what = "a capital letter";
		else if ((guchar)*at >= 0x80)
			what = "an accented or special letter";
		else if (at[0] == ' ' && at[1] == ' ')
			what = "two spaces";
		if (what != NULL) {
			problems_add(warnings, file, line,
			        "pattern '%s' holds %s, which folded text never does",
			        expression, what);
			return;
		}
		at++;
	}
}
