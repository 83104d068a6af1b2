/*
 * Reasons: words that stand apart from the address, behind "Reason:", "The response was:",
 * "because:", or in a paragraph of their own.
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_layout.h"
#include "mail/report_notice.h"

#define REASONS_MAX 50    /* lines that announce a reason, of one notification */
#define PARAGRAPHS_MAX 50 /* that are searched for one */
#define BEHIND_MAX 3      /* paragraphs behind the address that may explain */

/* Words by which a paragraph without a reply says that something failed. */
static const char *const failure_words[] = { "not ", "n't ", "unable", "fail", "full",
	"unknown", "error", "reject", "refuse", "block", "denied", "expire", "exceed",
	"invalid", "disabled", "no such", "delay", "timed out" };

/* Paragraphs that every report of a kind has. */
static const char *const boilerplate[] = { "you do not need to", "this is a warning",
	"this is an automatically", "this message was created", "if you do so",
	"for further assistance", "please, do not reply", "this condition occurred",
	"no action is required" };

static void
offer_all(Notice *notice, const char *words, guint i, WordsWorth worth)
{
	worth = words_worth(words, worth);
	for (guint k = 0; worth > WORDS_NONE && k < notice->failures->len; k++)
		failure_offer(notice->failures->pdata[k], words,
		        notice->lines->at[i].number, worth);
}

/* "----- The following addresses had fatal errors -----" */
static gboolean
is_heading(const Line *line)
{
	return g_str_has_prefix(line->folded, "--") &&
	       g_str_has_suffix(line->folded, "--");
}

/* Words of a paragraph without its heading and the lines that hold nothing but an address. */
static char *
paragraph_words(const Notice *notice, guint first, guint last)
{
	while (last > first + 1) {
		const Line *line = &notice->lines->at[last - 1];
		gsize start = 0, end = 0;
		const char *text = line_words(line);
		g_autofree char *address = diagnostic_address(text, &start, &end);
		if (address == NULL || start > 0 || text[end] != '\0')
			break;
		last--;
	}
	while (first + 1 < last && is_heading(&notice->lines->at[first]))
		first++;
	char *words = notice_words(notice, first, last);
	if (words != NULL && g_str_has_prefix(words, "-- "))
		memmove(words, words + 3, strlen(words) - 2);
	return words;
}

/* Line i says "Reason:" or the like: its words are behind it or in the next paragraph. */
static gboolean
read_reason(Notice *notice, guint i)
{
	const Line *line = &notice->lines->at[i];
	const char *core = line_core(line);
	gsize length;
	if (!phrase_begins(PHRASE_REASON, core, notice->markers, &length))
		return FALSE;
	const char *behind = core + length + strspn(core + length, " ");
	gboolean bare = behind[strspn(behind, " -:=|*_.")] == '\0';
	if (!bare && *behind != ':')
		return FALSE;
	guint first = bare ? notice_filled(notice, i + 1) : i;
	guint last = notice_blank(notice, first);
	g_autofree char *words = paragraph_words(notice, first, last);
	if (!bare && words != NULL) {
		const char *colon = strchr(words, ':');
		g_autofree char *rest = g_strdup(colon == NULL ? words : colon + 1);
		offer_all(notice, g_strstrip(rest), first, WORDS_REASON);
	} else if (first < notice->end) {
		offer_all(notice, words, first, WORDS_REASON);
	}
	return TRUE;
}

static gboolean
line_has_any(const Line *line, const char *const *words, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (strstr(line->folded, words[i]) != NULL)
			return TRUE;
	return FALSE;
}

static gboolean
paragraph_says_failure(const Notice *notice, guint first, guint last)
{
	const char *end = notice->lines->at[last - 1].folded;
	if (line_has_any(&notice->lines->at[first], boilerplate,
	            G_N_ELEMENTS(boilerplate)) ||
	        end[strlen(end) - 1] == ':')
		return FALSE;
	for (guint i = first; i < last; i++)
		if (line_has_any(&notice->lines->at[i], failure_words,
		            G_N_ELEMENTS(failure_words)))
			return TRUE;
	return FALSE;
}

/* Offer the paragraphs from first on, at most count of them; return how many said that
 * something failed. */
static guint
read_paragraphs(Notice *notice, guint first, guint end, guint count)
{
	guint said = 0;
	for (guint i = notice_filled(notice, first); i < end && count > 0; count--) {
		guint last = notice_blank(notice, i);
		g_autofree char *words = paragraph_words(notice, i, last);
		if (words != NULL && paragraph_says_failure(notice, i, last)) {
			offer_all(notice, words, i, WORDS_NEAR);
			said++;
		}
		i = notice_filled(notice, last);
	}
	return said;
}

static guint
paragraph_start(const Notice *notice, guint i)
{
	while (i > notice->start && !line_is_blank(&notice->lines->at[i - 1]))
		i--;
	return i;
}

/* The first line that names a failed address: words stand behind it, else right before. */
static void
read_around(Notice *notice)
{
	guint head = notice->end;
	for (guint k = 0; k < notice->failures->len; k++)
		head = MIN(head, ((Failure *)notice->failures->pdata[k])->head);
	if (head > notice->start) {
		guint behind = notice_blank(notice, head);
		if (read_paragraphs(notice, behind, notice->end, BEHIND_MAX) > 0)
			return;
		guint before = paragraph_start(notice, head);
		while (before > notice->start &&
		        line_is_blank(&notice->lines->at[before - 1]))
			before--;
		before = before > notice->start ? paragraph_start(notice, before - 1)
		                                : notice->start;
		if (read_paragraphs(notice, before, head, 1) > 0)
			return;
	}
	read_paragraphs(notice, notice->start, notice->end, PARAGRAPHS_MAX);
}

static gboolean
all_have_words(const Notice *notice, WordsWorth worth)
{
	for (guint i = 0; i < notice->failures->len; i++)
		if (((Failure *)notice->failures->pdata[i])->worth < worth)
			return FALSE;
	return TRUE;
}

void
notice_read_reasons(Notice *notice)
{
	if (all_have_words(notice, WORDS_REPLY))
		return;
	guint left = REASONS_MAX;
	for (guint i = notice->start; i < notice->end && left > 0; i++)
		left -= read_reason(notice, i) ? 1 : 0;
	if (!all_have_words(notice, WORDS_REASON))
		read_around(notice);
}
