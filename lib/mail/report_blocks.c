/*
 * Blocks: an address that begins a line, its words behind it or in the lines under it. So
 * write Postfix, Exim, qmail and its heirs, Sendmail's list, Courier, OpenSMTPD, GMX,
 * Exchange, Yahoo, MessagingServer and many more; they differ in indents and punctuation.
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_layout.h"
#include "mail/report_notice.h"

#define LABEL_MAX 60 /* bytes of "Recipient address" */

/* An address that begins a block, and where its words begin. */
typedef struct {
	char *address;
	const char *rest; /* behind the address and its punctuation; "" when nothing */
	gboolean label;   /* stands behind a label */
} Head;

static void
head_clear(Head *head)
{
	g_clear_pointer(&head->address, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Head, head_clear)

/* Pass over the doubles that HTML rendering adds: "a@b (a@b)<mailto:a@b>". */
static const char *
skip_doubles(const char *rest, const char *address)
{
	for (;;) {
		const char *text = rest + strspn(rest, " \t\"'");
		gsize length = 0;
		if (g_str_has_prefix(text, "<mailto:"))
			length = strcspn(text, ">") + 1;
		else if ((*text == '(' || *text == '[' || *text == '<') &&
		         g_str_has_prefix(text + 1, address))
			length = strlen(address) + 2;
		if (length == 0 || length > strlen(text))
			return rest;
		rest = text + length;
	}
}

/* What may stand behind an address that begins a block; NULL when it is mere prose. */
static const char *
head_rest(const char *rest, gboolean angle, guint indent)
{
	gsize blanks = strspn(rest, " \t\"'>");
	const char *text = rest + blanks;
	if (*text == '\0' || *text == ',')
		return "";
	if (*text == ':' || *text == ';')
		return text + 1 + strspn(text + 1, " \t");
	if (g_str_has_prefix(text, "..."))
		return text + 3 + strspn(text + 3, " \t");
	if ((*text == '[' || *text == '(') && blanks > 0)
		return text;
	if (g_str_has_prefix(text, "on ") && strpbrk(text, "0123456789") != NULL)
		return "";
	if (angle && indent > 0 && blanks > 1)
		return text;
	return diagnostic_is_reply(text) ? text : NULL;
}

static gboolean
head_at_start(const Line *line, Head *head)
{
	const char *text = line_words(line);
	text += strspn(text, "*->\"' \t");
	if (g_str_has_prefix(text, "\xe2\x80\xa2") ||
	        g_str_has_prefix(text, "\xc2\xb7"))
		text += strcspn(text, " \t") +
		        strspn(text + strcspn(text, " \t"), " \t");
	gsize start = 0, end = 0;
	g_autofree char *address = diagnostic_address(text, &start, &end);
	if (address == NULL || start > 0)
		return FALSE;
	const char *rest = skip_doubles(text + end, address);
	rest = head_rest(rest, text[0] == '<', line->indent);
	if (rest == NULL)
		return FALSE;
	*head = (Head){ .address = g_steal_pointer(&address), .rest = rest };
	return TRUE;
}

/* "Recipient address: a@b" */
static gboolean
head_behind_label(const Notice *notice, const Line *line, Head *head)
{
	const char *text = line_words(line);
	const char *colon = strchr(text, ':');
	gsize start = 0, end = 0;
	if (colon == NULL || colon - text > LABEL_MAX)
		return FALSE;
	g_autofree char *address = diagnostic_address(colon, &start, &end);
	if (address == NULL || strspn(colon + 1, " \t\"'") + 1 != start)
		return FALSE;
	if (colon[end + strspn(colon + end, " \t\"'.")] != '\0')
		return FALSE;
	const char *folded = strchr(line->folded, ':');
	gsize length = folded == NULL ? 0 : folded - line->folded;
	if (!phrase_ends(PHRASE_RECIPIENT, line->folded, length, notice->markers))
		return FALSE;
	*head = (Head){
		.address = g_steal_pointer(&address), .rest = "", .label = TRUE
	};
	return TRUE;
}

static gboolean
head_of_line(const Notice *notice, guint i, Head *head)
{
	const Line *line = &notice->lines->at[i];
	if (strchr(line->text, '@') == NULL)
		return FALSE;
	return head_at_start(line, head) || head_behind_label(notice, line, head);
}

/* Whether line i stands in a list of failed addresses: under a line that announces it. */
static gboolean
head_is_listed(const Notice *notice, guint i)
{
	while (i > notice->start) {
		const char *folded = notice->lines->at[--i].folded;
		gsize length = strlen(folded);
		if (length == 0)
			continue;
		return strchr(":-=*", folded[length - 1]) != NULL ||
		       phrase_ends(PHRASE_RECIPIENT, folded, length, notice->markers);
	}
	return FALSE;
}

/* Where the block of the head at line i ends: at an empty line or the next head. A line
 * that repeats the address, or stands deeper, is a wrapped piece of the words. */
static guint
block_end(const Notice *notice, guint i, const Head *head)
{
	guint indent = notice->lines->at[i].indent;
	guint last = i + 1;
	for (; last < notice->end && !line_is_blank(&notice->lines->at[last]); last++) {
		g_auto(Head) next = { 0 };
		if (notice->lines->at[last].indent > indent)
			continue;
		if (head_of_line(notice, last, &next) &&
		        g_ascii_strcasecmp(next.address, head->address) != 0)
			break;
	}
	return last;
}

/* Take "(reason: 550 x)" out of its brackets. */
static char *
unwrap_brackets(const char *text)
{
	gsize length = strlen(text);
	if (length < 2 || (text[0] != '(' && text[0] != '['))
		return NULL;
	char closing = text[0] == '(' ? ')' : ']';
	if (text[length - 1] != closing)
		return NULL;
	char *inner = g_strndup(text + 1, length - 2);
	const char *const label = "reason:";
	if (g_ascii_strncasecmp(inner, label, strlen(label)) == 0)
		memmove(inner, inner + strlen(label), length - 1 - strlen(label));
	return g_strstrip(inner);
}

/* Whether a line of a block is a label and its value, "Reason: x"; *rest the value. */
static gboolean
line_has_reason(const Notice *notice, const Line *line, const char **rest)
{
	gsize length;
	const char *colon = strchr(line_words(line), ':');
	if (colon == NULL || !phrase_begins(PHRASE_REASON, line_core(line),
	                             notice->markers, &length))
		return FALSE;
	if (line_core(line)[length + strspn(line_core(line) + length, " ")] != ':')
		return FALSE;
	*rest = colon + 1 + strspn(colon + 1, " \t");
	return **rest != '\0';
}

/* The words of a block that says them behind a label, under "<<<", or in brackets. */
static char *
labelled_words(const Notice *notice, guint first, guint last, guint *line)
{
	char *best = NULL;
	for (guint i = first; i < last; i++) {
		const char *rest = line_words(&notice->lines->at[i]);
		g_autofree char *words = NULL;
		if (g_str_has_prefix(rest, "<<<"))
			words = g_strstrip(g_strdup(rest + 3));
		else if (g_str_has_prefix(rest, "(") || g_str_has_prefix(rest, "["))
			words = unwrap_brackets(rest);
		else if (line_has_reason(notice, &notice->lines->at[i], &rest))
			words = g_strdup(rest);
		if (words == NULL || words[0] == '\0' ||
		        g_str_has_prefix(words, "expanded from"))
			continue;
		if (best != NULL && !diagnostic_is_reply(words))
			continue;
		*line = notice->lines->at[i].number;
		g_free(best);
		best = g_steal_pointer(&words);
		if (diagnostic_is_reply(best))
			break;
	}
	return best;
}

/* Exchange lists its attempts, the last one "message expired": the earlier one says why. */
static guint
skip_expiry(const Notice *notice, guint first, guint last)
{
	for (guint i = first; i + 1 < last; i++) {
		g_autofree char *status = diagnostic_status(notice->lines->at[i].text);
		g_autofree char *next =
		        diagnostic_status(notice->lines->at[i + 1].text);
		if (status != NULL && next != NULL &&
		        g_str_has_suffix(status, ".4.7") && strcmp(status, next) != 0)
			return i + 1;
	}
	return first;
}

/* Exchange 5.5 and 2003: the words stand behind "MSEXCH:...(000C05A6)". */
static char *
strip_msexch(char *words)
{
	const char *mark = strstr(words, "MSEXCH:");
	const char *end = mark == NULL ? NULL : strchr(mark, ')');
	if (end == NULL || end[1 + strspn(end + 1, " \n")] == '\0')
		return words;
	char *rest = g_strdup(end + 1 + strspn(end + 1, " \n"));
	g_free(words);
	return rest;
}

static void
read_block(Notice *notice, guint i, guint last, const Head *head)
{
	guint line = notice->lines->at[i].number;
	g_autofree char *labelled = labelled_words(notice, i + 1, last, &line);
	g_autofree char *bracketed = unwrap_brackets(head->rest);
	char *words = NULL;
	if (bracketed != NULL) {
		words = g_steal_pointer(&bracketed);
		line = notice->lines->at[i].number;
	} else if (labelled != NULL) {
		words = g_steal_pointer(&labelled);
	} else {
		guint first = skip_expiry(notice, i + 1, last);
		g_autofree char *below = notice_words(notice, first, last);
		words = g_strstrip(g_strjoin("\n", head->rest, below, NULL));
		line += head->rest[0] == '\0' && last > i + 1 ? first - i : 0;
	}
	g_autofree char *clean = strip_msexch(words);
	Failure *failure = notice_add(notice, head->address, i);
	if (failure == NULL)
		return;
	failure->listed = clean[0] != '\0' || head->label || head_is_listed(notice, i);
	failure_offer(failure, clean, line, words_worth(clean, WORDS_REASON));
}

/* Addresses one under the other share the words under the last. */
static void
share_words(Notice *notice, guint first)
{
	for (guint i = notice->failures->len; i-- > first + 1;) {
		Failure *failure = notice->failures->pdata[i];
		Failure *above = notice->failures->pdata[i - 1];
		if (above->head + 1 != failure->head || above->words != NULL)
			continue;
		above->listed = above->listed || failure->listed;
		if (failure->words != NULL)
			failure_offer(
			        above, failure->words, failure->line, failure->worth);
	}
}

void
notice_read_blocks(Notice *notice)
{
	guint first = notice->failures->len;
	for (guint i = notice->start; i < notice->end;) {
		g_auto(Head) head = { 0 };
		if (!head_of_line(notice, i, &head)) {
			i++;
			continue;
		}
		guint last = block_end(notice, i, &head);
		read_block(notice, i, last, &head);
		i = last;
	}
	share_words(notice, first);
}
