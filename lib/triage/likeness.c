#include "triage/likeness.h"

#include <string.h>

#include "base/text.h"

#define REPLY_CODE_DIGITS 3
#define STATUS_PARTS 3   /* "5.7.1" */
#define STATUS_DIGITS 3  /* of each part, at most */
#define SECRET_DIGITS 10 /* "0x800ccc0f" stays; a longer hexadecimal is an id */

/* What stands around a word and is none of it. */
#define WORD_ENDS " \t<>[](){}\"',;|!?"
#define URL_ENDS " \t<>[](){}\"'"

static gboolean
is_digits(const char *word, gsize length)
{
	return length > 0 && strspn(word, "0123456789") >= length;
}

static gboolean
is_reply_code(const char *word, gsize length)
{
	return length == REPLY_CODE_DIGITS && is_digits(word, length) &&
	       strchr("245", word[0]) != NULL;
}

/* "550", "5.7.1", "#5.7.1" and "552-5.7.0": what a server says, alike for all. */
static gboolean
is_code(const char *word, gsize length)
{
	gboolean both = length > REPLY_CODE_DIGITS && word[REPLY_CODE_DIGITS] == '-' &&
	                is_reply_code(word, REPLY_CODE_DIGITS);
	gsize skipped = both ? REPLY_CODE_DIGITS + 1 : 0;
	g_autofree char *copy = g_strndup(word + skipped, length - skipped);
	const char *bare = copy[0] == '#' ? copy + 1 : copy;
	g_auto(GStrv) parts = g_strsplit(bare, ".", STATUS_PARTS + 1);
	guint count = g_strv_length(parts);
	if (count == 1)
		return is_reply_code(bare, strlen(bare));
	if (count != STATUS_PARTS)
		return FALSE;
	for (guint i = 0; i < count; i++) {
		gsize digits = strlen(parts[i]);
		if (!is_digits(parts[i], digits) || digits > STATUS_DIGITS)
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_client_code(const char *word, gsize length)
{
	return length <= SECRET_DIGITS && g_str_has_prefix(word, "0x");
}

/* Labels with dots between them, the last one not a number: "mx1.ditta.it", "mario.rossi". */
static gboolean
is_host(const char *word, gsize length)
{
	gboolean dotted = FALSE;
	for (gsize i = 0; i < length; i++) {
		guchar byte = (guchar)word[i];
		if (byte == '.' && i > 0 && i + 1 < length && word[i - 1] != '.')
			dotted = TRUE;
		else if (!g_ascii_isalnum(byte) && byte != '-' && byte != '_' &&
		         byte < 0x80)
			return FALSE;
	}
	return dotted && !is_digits(word, strspn(word, "0123456789."));
}

static gboolean
has_digit(const char *word, gsize length)
{
	return strcspn(word, "0123456789") < length;
}

static gboolean
is_named(const char *word, gsize length, const char *const *names)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
			return TRUE;
	}
	return FALSE;
}

/* What stands for a word; NULL: itself. Numbers within a word go too ("id=12", "a1b2"). */
static const char *
stand_in(const char *word, gsize length, const char *const *names)
{
	g_autofree char *copy = g_strndup(word, length);
	if (strchr(copy, '@') != NULL)
		return "<addr>";
	if (strstr(copy, "://") != NULL || g_str_has_prefix(copy, "www."))
		return "<url>";
	if (is_named(copy, length, names))
		return "<name>";
	if (is_code(copy, length) || is_client_code(copy, length))
		return NULL;
	if (is_host(copy, length))
		return "<host>";
	return has_digit(copy, length) ? "<n>" : NULL;
}

/* "mario rossi"@ditta.it: the quoted local part goes with the rest (RFC 5321 4.1.2). */
static void
drop_quoted_local_part(GString *form)
{
	if (form->len == 0 || form->str[form->len - 1] != '"')
		return;
	const char *open = g_strrstr_len(form->str, (gssize)form->len - 1, "\"");
	if (open != NULL)
		g_string_truncate(form, (gsize)(open - form->str));
}

static void
put_word(GString *form, const char *word, gsize length, const char *const *names)
{
	/* what ends a sentence or a label is none of the word */
	gsize bare = length;
	while (bare > 0 && strchr(".:=-/", word[bare - 1]) != NULL)
		bare--;
	const char *token = stand_in(word, bare, names);
	if (word[0] == '@')
		drop_quoted_local_part(form);
	if (token != NULL)
		g_string_append(form, token);
	else
		g_string_append_len(form, word, (gssize)bare);
	g_string_append_len(form, word + bare, (gssize)(length - bare));
}

/* "user=anna", "host:mx1.ditta.it": each side by itself. A URL is one word. */
static gsize
word_length(const char *text)
{
	gsize length = strcspn(text, WORD_ENDS), wide = strcspn(text, URL_ENDS);
	gsize side = strcspn(text, "=:");
	if (g_strstr_len(text, (gssize)wide, "://") != NULL ||
	        g_str_has_prefix(text, "www."))
		return wide;
	return side > 0 && side + 1 < length ? side + 1 : length;
}

/* A word that text_fold() put there stays, brackets and all. */
static gsize
token_length(const char *text)
{
	static const char *const tokens[] = { "<addr>", "<ip>", "<id>" };
	for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
		if (g_str_has_prefix(text, tokens[i]))
			return strlen(tokens[i]);
	}
	return 0;
}

char *
likeness_of(const char *text, const char *const *names)
{
	g_autoptr(FoldedText) folded = text_fold(text, -1, TRUE);
	g_autoptr(GString) form = g_string_sized_new(folded->length);
	const char *at = folded->text;
	while (*at != '\0') {
		gsize token = token_length(at);
		gsize length = token > 0 ? token : word_length(at);
		if (token > 0)
			g_string_append_len(form, at, (gssize)token);
		else if (length > 0)
			put_word(form, at, length, names);
		else
			g_string_append_c(form, *at);
		at += MAX(length, 1);
	}
	return text_one_line(form->str, LIKENESS_CHARS_MAX);
}
