/* How much a page can say at most, without reading it. */
#include <string.h>

#include "mail/html.h"

#define TAGS_MAX 2000 /* more are counted by who reads the page */
#define RULE_INK 32   /* <hr> becomes a line of underscores */
#define WIDE_BYTES 3  /* that a byte beyond ASCII may become in UTF-8 */

static const char *
behind_bracket(const char *at, const char *end)
{
	const char *close = memchr(at, '>', (gsize)(end - at));
	return close != NULL ? close + 1 : end;
}

/* Behind a comment that every parser ends at the same place, or NULL. */
static const char *
comment_end(const char *open, const char *end)
{
	const char *words = open + strlen("<!--");
	const char *close = g_strstr_len(words, end - words, "--");
	return close != NULL && close > words && words[0] != '>' && words[0] != '-' &&
	                       close + 2 < end && close[2] == '>'
	               ? close + 3
	               : NULL;
}

typedef enum { BRACKET_TEXT, BRACKET_MARKUP, BRACKET_UNCLEAR } Bracket;

/* What the bracket at open is to the parser; *behind becomes where markup ends. Unclear is
 * what is broken, and an address in brackets. */
static Bracket
look_at_bracket(const char *open, const char *end, const char **behind)
{
	const char *name = open + 1;
	gboolean closes = name < end && *name == '/';
	if (end - open > 4 && memcmp(open, "<!--", 4) == 0) {
		*behind = comment_end(open, end);
		return *behind != NULL ? BRACKET_MARKUP : BRACKET_UNCLEAR;
	}
	name += closes;
	if (name >= end || !g_ascii_isalpha(*name))
		return closes || (name < end && strchr("!?", *name) != NULL)
		               ? BRACKET_UNCLEAR
		               : BRACKET_TEXT;
	*behind = behind_bracket(open, end);
	gsize length = (gsize)(*behind - name);
	if (*behind == end || memchr(name, '@', length) != NULL ||
	        memchr(name, '<', length) != NULL)
		return BRACKET_UNCLEAR;
	for (; closes && *name != '>'; name++)
		if (!g_ascii_isalnum(*name) && *name != ':')
			return BRACKET_UNCLEAR;
	return BRACKET_MARKUP;
}

static gboolean
tag_is(const char *open, const char *end, const char *name)
{
	gsize length = strlen(name);
	return (gsize)(end - open) > length + 1 &&
	       g_ascii_strncasecmp(open + 1, name, length) == 0 &&
	       !g_ascii_isalnum(open[1 + length]);
}

/* Behind what a style sheet says, which is not shown. */
static const char *
style_end(const char *at, const char *end)
{
	const char *close = at;
	while ((close = memchr(close, '<', (gsize)(end - close))) != NULL) {
		if (tag_is(close, end, "/style"))
			return close;
		close++;
	}
	return at;
}

static gsize
count_ink(const char *at, const char *end)
{
	gsize ink = 0;
	for (; at < end; at++)
		if (!g_ascii_isspace(*at))
			ink += (guchar)*at < 0x80 ? 1 : WIDE_BYTES;
	return ink;
}

/* The same of markup from at to behind: G_MAXSIZE when it is not clear what it does. */
static gsize
markup_ink(const char *at, const char *behind)
{
	/* a quote marks each of its lines */
	if (tag_is(at, behind, "blockquote") || tag_is(at, behind, "script"))
		return G_MAXSIZE;
	/* the parser shows a comment that it takes for none */
	if (at[1] == '!')
		return count_ink(at, behind);
	/* a list marks its entries */
	return tag_is(at, behind, "hr") ? RULE_INK : 1;
}

gsize
html_ink_max(const char *html, gsize length)
{
	const char *end = html + length;
	gsize ink = 0, tags = 0;
	if (length >= 9 && g_ascii_strncasecmp(html, "<!doctype", 9) == 0)
		html = behind_bracket(html, end);
	while (html < end) {
		const char *open = memchr(html, '<', (gsize)(end - html)),
		           *behind = NULL;
		ink += count_ink(html, open != NULL ? open : end);
		if (open == NULL)
			break;
		Bracket bracket = look_at_bracket(open, end, &behind);
		if (bracket == BRACKET_TEXT) {
			ink++;
			html = open + 1;
			continue;
		}
		gsize more = bracket == BRACKET_MARKUP ? markup_ink(open, behind)
		                                       : G_MAXSIZE;
		if (more == G_MAXSIZE || ++tags > TAGS_MAX)
			return G_MAXSIZE;
		ink += more;
		html = tag_is(open, behind, "style") ? style_end(behind, end) : behind;
	}
	return ink;
}
