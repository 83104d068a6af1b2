#include "desk/quotation.h"

#include <string.h>

#include "base/text.h"
#include "rules/reply_code.h"

#define ERROR_LINE_MAX 200 /* characters quoted of the recognised error */
#define LINE_PUNCTUATION " :;,-'\""
#define NAME_MAX_CHARS 60     /* of a name in the salutation */
#define NAME_MAX_DIGITS 4     /* "Studio 2000"; a telephone number has more */
#define QUOTED_WORDS_MAX 4    /* of a pasted error without a code */
#define SENTENCE_WORDS_MAX 20 /* of a pasted error whose code stands inside */

/* The evidence that decided: the heaviest piece of the verdict's class. */
static const Evidence *
deciding_evidence(const Case *kase)
{
	const Verdict *verdict = &kase->verdict;
	const char *class = verdict->detail != NULL ? verdict->detail : verdict->class;
	const Evidence *best = NULL;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped != NULL || g_strcmp0(evidence->class, class) != 0)
			continue;
		if (best == NULL || evidence->weight > best->weight)
			best = evidence;
	}
	return best;
}

static guint
count_words(const char *text)
{
	guint words = 0;
	for (const char *at = text; *at != '\0'; at++)
		words += *at != ' ' && (at == text || at[-1] == ' ');
	return words;
}

static gboolean
begins_with_code(const char *text)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	utterance_codes(text, code, status);
	const char *head = *code != '\0' ? code : status;
	return *head != '\0' && g_str_has_prefix(text, head);
}

/* The found error text that is the evidence's too, whichever is the shorter; or NULL. */
static const char *
matching_item(const Case *kase, const char *text)
{
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		if (item->kind != ITEM_ERROR_TEXT || item->value == NULL)
			continue;
		if (strstr(text, item->value) != NULL && count_words(item->value) > 1)
			return item->value;
		if (strstr(item->value, text) != NULL)
			return text;
	}
	return NULL;
}

/* The error's own words, or NULL: the sentence in which a customer tells of it would read
 * oddly, quoted back. Of what customers typed or pasted it is what counts as an error text,
 * begins with its code, or is a few words that stood in quotation marks. */
static const char *
quotable_text(const Case *kase, const Evidence *evidence)
{
	switch (evidence->origin) {
	case ORIGIN_WORDS:
	case ORIGIN_SUBJECT: return NULL;
	case ORIGIN_PASTED:
	case ORIGIN_DIALOG: break;
	case ORIGIN_REPORT:
	case ORIGIN_ATTACHED:
	case ORIGIN_FORWARDED:
	case ORIGIN_SCREENSHOT:
	case ORIGIN_QUOTED:
	case ORIGIN_COUNT: return evidence->text;
	}
	const char *item = matching_item(kase, evidence->text);
	const char *text = item != NULL ? item : evidence->text;
	guint most = item != NULL ? SENTENCE_WORDS_MAX : QUOTED_WORDS_MAX;
	return begins_with_code(text) || count_words(text) <= most ? text : NULL;
}

/* "(0x8004210A):" as one writes it alone. */
static char *
without_punctuation(char *line)
{
	gsize length = strlen(line);
	while (length > 0 && strchr(LINE_PUNCTUATION, line[length - 1]) != NULL)
		line[--length] = '\0';
	gsize skip = strspn(line, LINE_PUNCTUATION);
	memmove(line, line + skip, length - skip + 1);
	length -= skip;
	if (length > 2 && line[0] == '(' && strchr(line, ')') == line + length - 1) {
		line[length - 1] = '\0';
		memmove(line, line + 1, length - 1);
	}
	return line;
}

char *
quotation_error(const Case *kase)
{
	const Evidence *evidence = deciding_evidence(kase);
	const char *text = evidence != NULL ? quotable_text(kase, evidence) : NULL;
	return text != NULL ? without_punctuation(text_one_line(text, ERROR_LINE_MAX))
	                    : NULL;
}

gboolean
quotation_is_name(const char *name)
{
	guint letters = 0, digits = 0;
	if (name == NULL || g_utf8_strlen(name, -1) > NAME_MAX_CHARS)
		return FALSE;
	for (; *name != '\0'; name = g_utf8_next_char(name)) {
		gunichar c = g_utf8_get_char(name);
		gboolean letter = g_unichar_isalnum(c) || g_unichar_ismark(c);
		gboolean host = c == '.' && letters > 1 &&
		                g_unichar_isalnum(g_utf8_get_char(name + 1));
		if (host || !(letter || c == 0x2019 ||
		                    (c < 0x80 && strchr(" .,'-&()", (int)c) != NULL)))
			return FALSE;
		letters = letter ? letters + 1 : 0;
		digits += g_unichar_isdigit(c) ? 1 : 0;
	}
	return digits <= NAME_MAX_DIGITS;
}
