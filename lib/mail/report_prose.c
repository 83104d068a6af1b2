/* Prose: reports that name the address in a sentence ("Your message wasn't delivered to x"),
 * or only in the returned mail. */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_layout.h"
#include "mail/report_notice.h"

#define LINE_ADDRESSES_MAX 20

/* Mailboxes that reports tell people to write to. */
static const char *const roles[] = { "postmaster@", "mailer-daemon@", "support@",
	"helpdesk@", "help@", "abuse@", "no-reply@", "noreply@", "hostmaster@" };

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

/* "Your message to <x> was automatically rejected:" has its reason in the lines below. */
static void
offer_below(Notice *notice, Failure *failure, guint i)
{
	const char *folded = notice->lines->at[i].folded;
	guint last = notice_blank(notice, i);
	if (last == i + 1 || folded[strlen(folded) - 1] != ':')
		return;
	g_autofree char *words = notice_words(notice, i + 1, last);
	failure_offer(failure, words, notice->lines->at[i + 1].number,
	        words_worth(words, WORDS_REASON));
}

static gboolean
is_author(Notice *notice, const char *address)
{
	const char *author = notice_author(notice);
	return author != NULL && g_ascii_strcasecmp(address, author) == 0;
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
		if (!introduced &&
		        (!any || is_author(notice, address) || is_role(address)))
			continue;
		Failure *failure = notice_add(notice, address, i);
		if (failure == NULL)
			return;
		failure->listed = introduced;
		if (introduced)
			offer_below(notice, failure, i);
	}
}

void
notice_read_prose(Notice *notice)
{
	for (guint i = notice->start; i < notice->end; i++)
		if (strchr(notice->lines->at[i].text, '@') != NULL)
			read_sentence(notice, i, FALSE);
}

/* "Invalid final delivery userid: x@a.example": a short line that ends with the address. */
static void
read_line_end(Notice *notice, guint i)
{
	const Line *line = &notice->lines->at[i];
	const char *colon = strchr(line->text, ':');
	gsize start = 0, end = 0;
	if (colon == NULL)
		return;
	g_autofree char *address = diagnostic_address(colon, &start, &end);
	if (address == NULL || strspn(colon + 1, " \t") + 1 != start ||
	        is_role(address) || colon[end + strspn(colon + end, " .")] != '\0')
		return;
	if (!is_author(notice, address))
		notice_add(notice, address, i);
}

void
notice_read_any(Notice *notice)
{
	for (guint i = notice->start; i < notice->end; i++)
		if (strchr(notice->lines->at[i].text, '@') != NULL)
			read_line_end(notice, i);
	if (notice->failures->len == 0 && notice_addressee(notice) != NULL)
		notice_add(notice, notice_addressee(notice),
		        MIN(notice->start, notice->lines->count - 1));
	for (guint i = notice->start; notice->failures->len == 0 && i < notice->end;
	        i++)
		if (strchr(notice->lines->at[i].text, '@') != NULL)
			read_sentence(notice, i, TRUE);
	if (notice->failures->len > 1)
		g_ptr_array_set_size(notice->failures, 1);
}
