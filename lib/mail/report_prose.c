/*
 * Prose: reports that name the address in a sentence ("Your message wasn't delivered to x")
 * and the reason in a paragraph of its own ("The response was:").
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_layout.h"
#include "mail/report_notice.h"

#define LINE_ADDRESSES_MAX 20
#define REASONS_MAX 50    /* lines that announce a reason, of one notification */
#define PARAGRAPHS_MAX 50 /* that are searched for one */

/* Mailboxes that reports tell people to write to. */
static const char *const roles[] = { "postmaster@", "mailer-daemon@", "support@",
	"helpdesk@", "help@", "abuse@", "no-reply@", "noreply@", "hostmaster@" };

/* Words by which a paragraph without a reply says that something failed. */
static const char *const failure_words[] = { "not ", "n't ", "unable", "fail", "full",
	"unknown", "error", "reject", "refuse", "block", "denied", "expire", "exceed",
	"invalid", "disabled", "no such" };

static gboolean
is_role(const char *address)
{
	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
		if (g_ascii_strncasecmp(address, roles[i], strlen(roles[i])) == 0)
			return TRUE;
	return FALSE;
}

/* Whether the words before an address say that it is the one that failed. An address at a
 * line's head belongs to the sentence above. */
static gboolean
address_is_introduced(const Notice *notice, guint i, gsize start)
{
	const Line *line = &notice->lines->at[i];
	g_autofree char *before = g_ascii_strdown(line->text, (gssize)start);
	g_strdelimit(before, "\t", ' ');
	g_strchomp(before);
	if (before[strspn(before, " <\"'")] != '\0')
		return phrase_ends(
		        PHRASE_RECIPIENT, before, strlen(before), notice->markers);
	if (i == notice->start)
		return FALSE;
	const char *above = line[-1].folded;
	return phrase_ends(PHRASE_RECIPIENT, above, strlen(above), notice->markers);
}

static void
read_sentence(Notice *notice, guint i, gboolean any)
{
	const Line *line = &notice->lines->at[i];
	gsize start = 0, end = 0;
	for (int k = 0; k < LINE_ADDRESSES_MAX; k++, start = end) {
		g_autofree char *address = diagnostic_address(line->text, &start, &end);
		if (address == NULL)
			return;
		gboolean introduced = address_is_introduced(notice, i, start);
		if (!introduced && (!any || is_role(address)))
			continue;
		Failure *failure = notice_add(notice, address, i);
		if (failure != NULL)
			failure->listed = introduced;
	}
}

void
notice_read_prose(Notice *notice)
{
	for (guint i = notice->start; i < notice->end; i++)
		if (strchr(notice->lines->at[i].text, '@') != NULL)
			read_sentence(notice, i, FALSE);
	if (notice->failures->len > 0 || notice->layout == NULL)
		return;
	for (guint i = notice->start; i < notice->end; i++)
		if (strchr(notice->lines->at[i].text, '@') != NULL)
			read_sentence(notice, i, TRUE);
	if (notice->failures->len > 1)
		g_ptr_array_set_size(notice->failures, 1);
}

static void
offer_all(Notice *notice, const char *words, guint i, WordsWorth worth)
{
	worth = words_worth(words, worth);
	for (guint k = 0; worth > WORDS_NONE && k < notice->failures->len; k++)
		failure_offer(notice->failures->pdata[k], words,
		        notice->lines->at[i].number, worth);
}

/* Words of a paragraph without the lines that hold nothing but an address. */
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
paragraph_says_failure(const Notice *notice, guint first, guint last)
{
	for (guint i = first; i < last; i++)
		for (gsize k = 0; k < G_N_ELEMENTS(failure_words); k++)
			if (strstr(notice->lines->at[i].folded, failure_words[k]) !=
			        NULL)
				return TRUE;
	return FALSE;
}

static void
read_paragraphs(Notice *notice)
{
	guint left = PARAGRAPHS_MAX;
	for (guint i = notice_filled(notice, notice->start);
	        i < notice->end && left-- > 0;) {
		guint last = notice_blank(notice, i);
		g_autofree char *words = paragraph_words(notice, i, last);
		if (words != NULL && paragraph_says_failure(notice, i, last))
			offer_all(notice, words, i, WORDS_NEAR);
		i = notice_filled(notice, last);
	}
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
		left -= read_reason(notice, i);
	if (!all_have_words(notice, WORDS_REASON))
		read_paragraphs(notice);
}
