#include "rules/syntax_hint.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"
#define DEPTH_MAX 64

/* A bracket that is open. */
typedef struct {
	char bracket;
	int line;
} Open;

typedef struct {
	char *plain; /* the text, with blanks for comments and what stands in quotes */
	int unclosed; /* the line of the first text that goes on over a line's end; 0: none */
	int line;
} Sketch;

static void
sketch_clear(Sketch *sketch)
{
	g_free(sketch->plain);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sketch, sketch_clear)

/* Where a quoted text or a comment that begins at *at ends; what is in it becomes blanks. */
static char *
blank_until(Sketch *sketch, char *at, const char *end)
{
	gboolean quoted = *end == '"';
	int begun = sketch->line;
	for (; *at != '\0' && !g_str_has_prefix(at, end); at++) {
		if (*at == '\n') {
			sketch->line++;
			if (quoted && sketch->unclosed == 0)
				sketch->unclosed = begun;
			continue;
		}
		if (quoted && *at == '\\' && at[1] != '\0' && at[1] != '\n')
			*at++ = ' ';
		*at = ' ';
	}
	return at;
}

static void
sketch_make(Sketch *sketch, const char *text)
{
	*sketch = (Sketch){ .plain = g_strdup(text), .line = 1 };
	for (char *at = sketch->plain; *at != '\0'; at++) {
		if (*at == '\n')
			sketch->line++;
		else if (*at == '"')
			at = blank_until(sketch, at + 1, "\"");
		else if (*at == '#' || g_str_has_prefix(at, "//"))
			at = blank_until(sketch, at, "\n") - 1;
		else if (g_str_has_prefix(at, "/*"))
			at = blank_until(sketch, at, "*/");
		if (*at == '\0')
			return;
	}
}

static char *
line_of(const char *text, int line)
{
	for (; line > 1 && text != NULL; line--) {
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return text != NULL ? g_strndup(text, strcspn(text, "\r\n")) : g_strdup("");
}

/* Words of other formats on the line itself; the first that fits. */
static const struct {
	const char *pattern, *hint;
} slips[] = {
	{ "\xe2\x80[\x98-\x9f]|\xc2[\xab\xbb]",
	        "the quotes are typographic ones: write \"" },
	{ "[=:]\\s*'", "texts stand in double quotes, \"...\"" },
	{ "[=:]\\s*(yes|no|on|off|True|False|TRUE|FALSE)\\b", "write true or false" },
	{ "[=:]\\s*[0-9]+(\\.[0-9]+)?(?!L\\b)[A-Za-z%]",
	        "a number stands without a unit" },
	{ "[=:]\\s*(?!(?:true|false)\\b)[A-Za-z_/*.~$]",
	        "texts stand in quotes, NAME = \"...\"" },
	{ "^\\s*\\[.*\\]\\s*$", "a group is NAME = { ... };" },
	{ "^\\s*<", "this is no XML: NAME = \"...\";" },
	{ "^\\s*-\\s", "this is no YAML: a list is ( ... ) or [ ... ]" },
	{ "^\\s*[A-Za-z_][\\w-]*\\s+[\"0-9{(]", "a '=' is missing behind the name" },
	{ ",\\s*[\\])}]", "nothing follows the last ','" },
	{ "[=:]\\s*[;,})]|[=:]\\s*$", "a value is missing behind '='" },
};

static char *
hint_of_line(const char *line)
{
	for (gsize i = 0; i < G_N_ELEMENTS(slips); i++)
		if (g_regex_match_simple(slips[i].pattern, line, G_REGEX_RAW, 0))
			return g_strdup(slips[i].hint);
	return NULL;
}

static char
closing_of(char bracket)
{
	return bracket == '{' ? '}' : bracket == '(' ? ')' : ']';
}

/* A group without a name stands only in ( ). */
static char *
hint_of_opening(const Open *around, char last, char bracket)
{
	if (around == NULL || bracket != '{' || last == '=' || last == ':')
		return NULL;
	if (around->bracket == '[')
		return g_strdup("groups stand in ( { }, { } ), not in [ ]");
	if (around->bracket == '{')
		return g_strdup("a list of groups is ( { }, { } )");
	return NULL;
}

static char *
hint_of_closing(const Open *around, char bracket)
{
	if (around == NULL)
		return g_strdup_printf(
		        "nothing is open that '%c' could close", bracket);
	return g_strdup_printf("'%c' cannot close the '%c' of line %d", bracket,
	        around->bracket, around->line);
}

/* The first bracket up to a line that fits nothing; or, at the file's end, one left open. */
static char *
hint_of_brackets(const char *plain, int *line)
{
	Open open[DEPTH_MAX];
	guint depth = 0;
	int at_line = 1;
	char last = '\0', *hint = NULL;
	for (const char *at = plain; *at != '\0' && at_line <= *line; at++) {
		Open *around = depth > 0 ? &open[depth - 1] : NULL;
		if (*at == '\n')
			at_line++;
		if (strchr("{([", *at) != NULL) {
			hint = hint_of_opening(around, last, *at);
			if (hint == NULL && depth < DEPTH_MAX)
				open[depth++] = (Open){ *at, at_line };
		} else if (strchr("})]", *at) != NULL) {
			if (around == NULL || closing_of(around->bracket) != *at)
				hint = hint_of_closing(around, *at);
			else
				depth--;
		}
		if (hint != NULL) {
			*line = at_line;
			return hint;
		}
		last = g_ascii_isspace(*at) ? last : *at;
	}
	if (depth == 0 || at_line < *line)
		return NULL;
	*line = open[depth - 1].line;
	return g_strdup_printf("this '%c' is not closed", open[depth - 1].bracket);
}

char *
syntax_hint(const char *text, int *line)
{
	g_auto(Sketch) sketch = { 0 };
	sketch_make(&sketch, text);
	if (g_str_has_prefix(text, BOM)) {
		*line = 1;
		return g_strdup("the file begins with a byte order mark: save it as "
		                "UTF-8 without one");
	}
	g_autofree char *raw = line_of(text, *line);
	g_autofree char *plain = line_of(sketch.plain, *line);
	if (sketch.unclosed != 0 && sketch.unclosed <= *line) {
		*line = sketch.unclosed;
		return g_strdup("the text that begins here is not closed: a quote is "
		                "missing");
	}
	if (g_regex_match_simple(slips[0].pattern, raw, G_REGEX_RAW, 0))
		return g_strdup(slips[0].hint);
	char *hint = hint_of_line(plain);
	return hint != NULL ? hint : hint_of_brackets(sketch.plain, line);
}

char *
syntax_double(const char *text, int line)
{
	g_auto(Sketch) sketch = { 0 };
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GRegex) name =
	        g_regex_new("([A-Za-z*][\\w*-]*)\\s*[=:]", G_REGEX_RAW, 0, NULL);
	sketch_make(&sketch, text);
	g_autofree char *plain = line_of(sketch.plain, line);
	for (g_regex_match(name, plain, 0, &match); g_match_info_matches(match);
	        g_match_info_next(match, NULL)) {
		g_autofree char *found = g_match_info_fetch(match, 1);
		g_autofree char *again = g_strdup_printf(
		        "(?s)\\b%s\\s*[=:].*\\b%s\\s*[=:]", found, found);
		if (g_regex_match_simple(again, sketch.plain, G_REGEX_RAW, 0))
			return g_steal_pointer(&found);
	}
	return NULL;
}

char *
syntax_include(const char *text, int line)
{
	g_autofree char *raw = line_of(text, line);
	const char *begin = strstr(raw, "@include");
	begin = begin != NULL ? strchr(begin, '"') : NULL;
	return begin != NULL ? g_strndup(begin + 1, strcspn(begin + 1, "\"")) : NULL;
}
