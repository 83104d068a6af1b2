/*
 * Transcripts: the session with the other server, as Sendmail, its ancestors and heirs, and
 * Postfix's notes to the postmaster show it: ">>> RCPT TO:<x>", "<<< 550 no", "554 <x>... no".
 */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report_notice.h"

#define SESSION_RECIPIENTS_MAX 100 /* RCPT TO of one session */

typedef struct {
	Notice *notice;
	gboolean bare;  /* no transcript but a few lines of one: only those count */
	GString *reply; /* the other server's last reply, its lines joined */
	guint reply_line;
	gboolean in_reply; /* the line before was part of it */
	GPtrArray
	        *recipients; /* of char *: RCPT TO since the last reply that refused */
	GString *remarks;    /* lines that are neither: the mailer's own words */
	guint remarks_line;
	char *status;  /* of the mailer's own line, "554 5.0.0 Service unavailable" */
	Failure *open; /* its verdict may go on in the next lines */
} Session;

static gboolean
reply_refuses(const char *reply)
{
	g_autofree char *code = diagnostic_reply_code(reply);
	return code != NULL && (code[0] == '4' || code[0] == '5');
}

static Failure *
find_failure(const Notice *notice, const char *address)
{
	for (guint i = 0; i < notice->failures->len; i++) {
		Failure *failure = notice->failures->pdata[i];
		if (g_ascii_strcasecmp(failure->address, address) == 0)
			return failure;
	}
	return NULL;
}

static void
append(GString *text, const char *words)
{
	if (text->len < DIAGNOSTIC_MAX)
		g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", words);
}

static void
read_reply(Session *session, const char *words, guint i)
{
	if (!session->in_reply) {
		g_string_truncate(session->reply, 0);
		session->reply_line = session->notice->lines->at[i].number;
	}
	append(session->reply, words);
}

static Failure *
take_failure(Session *session, const char *address, guint i)
{
	Failure *failure = find_failure(session->notice, address);
	if (failure == NULL)
		failure = notice_add(session->notice, address, i);
	if (failure != NULL)
		failure->listed = TRUE;
	return failure;
}

/* The recipients named so far were refused with the reply in hand. */
static void
close_reply(Session *session, guint i)
{
	if (session->reply->len == 0 || !reply_refuses(session->reply->str))
		return;
	WordsWorth worth = words_worth(session->reply->str, WORDS_REASON);
	for (guint k = 0; k < session->recipients->len; k++) {
		const char *address = session->recipients->pdata[k];
		Failure *failure = take_failure(session, address, i);
		if (failure == NULL)
			break;
		failure_offer(failure, session->reply->str, session->reply_line, worth);
	}
	g_ptr_array_set_size(session->recipients, 0);
}

static void
read_command(Session *session, const char *words)
{
	gsize start = 0, end = 0;
	if (g_ascii_strncasecmp(words, "RCPT", 4) != 0)
		return;
	g_autofree char *address = diagnostic_address(words, &start, &end);
	if (address != NULL && session->recipients->len < SESSION_RECIPIENTS_MAX)
		g_ptr_array_add(session->recipients, g_steal_pointer(&address));
}

/* "554 5.1.2 <a@b>... Host unknown": the mailer's own verdict on an address, words being
 * the line and rest what stands behind the dots. Better is what the other server said, or
 * a local mailer's remark above; rest counts alone when it is a reply, or goes on below. */
static void
read_verdict(Session *session, Failure *failure, const char *words, const char *rest,
        guint i)
{
	const char *said = words;
	guint line = session->notice->lines->at[i].number;
	gboolean coded = g_ascii_isdigit(words[0]);
	if (failure->status == NULL)
		failure->status = diagnostic_status(words);
	if (!coded || g_ascii_isdigit(rest[0])) {
		said = rest;
	} else if (reply_refuses(session->reply->str)) {
		said = session->reply->str;
		line = session->reply_line;
	} else if (session->remarks->len > 0) {
		said = session->remarks->str;
		line = session->remarks_line;
	}
	failure_offer(failure, said, line, words_worth(said, WORDS_REASON));
	session->open = coded ? NULL : failure;
	g_string_truncate(session->remarks, 0);
}

/* A line that names an address and dots behind it. */
static gboolean
read_address_line(Session *session, const char *words, guint i)
{
	gsize start = 0, end = 0;
	g_autofree char *address = diagnostic_address(words, &start, &end);
	if (address == NULL || !g_str_has_prefix(words + end, "..."))
		return FALSE;
	Failure *failure = take_failure(session, address, i);
	const char *rest = words + end + 3;
	if (failure != NULL)
		read_verdict(session, failure, words, rest + strspn(rest, " "), i);
	return TRUE;
}

/* "421 mx.a.example (smtp)... Deferred: x" and "mario... Deferred: x" name no address. */
static const char *
skip_subject(const char *words)
{
	const char *dots = strstr(words, "... ");
	const char *space = strchr(words, ' ');
	if (dots == NULL || dots == words)
		return words;
	return dots[-1] == ')' || space == dots + 3 ? dots + 4 : words;
}

static void
read_remark(Session *session, const char *words, guint i)
{
	if (g_str_has_prefix(words, "..."))
		return;
	if (session->status == NULL && g_ascii_isdigit(words[0]))
		session->status = diagnostic_status(words);
	if (session->open != NULL && session->open->words != NULL) {
		g_autoptr(GString) longer = g_string_new(session->open->words);
		append(longer, words);
		g_free(session->open->words);
		session->open->words = g_strdup(longer->str);
		return;
	}
	if (session->remarks->len == 0)
		session->remarks_line = session->notice->lines->at[i].number;
	append(session->remarks, skip_subject(words));
}

static void
read_line(Session *session, guint i)
{
	static const struct {
		const char *mark;
		gboolean reply;
	} marks[] = { { "<<<", TRUE }, { ">>>", FALSE }, { "Out:", TRUE },
		{ "In:", FALSE }, { "Received <<<", TRUE }, { "Sent >>>", FALSE } };
	const char *words = line_words(&session->notice->lines->at[i]);
	for (gsize k = 0; k < G_N_ELEMENTS(marks); k++) {
		if (words[0] != marks[k].mark[0] ||
		        !g_str_has_prefix(words, marks[k].mark))
			continue;
		words += strlen(marks[k].mark);
		words += strspn(words, " \t");
		if (marks[k].reply)
			read_reply(session, words, i);
		else
			read_command(session, words);
		session->in_reply = marks[k].reply;
		if (marks[k].reply)
			close_reply(session, i);
		return;
	}
	session->in_reply = FALSE;
	if (session->bare || words[0] == '\0')
		return;
	if (!read_address_line(session, words, i))
		read_remark(session, words, i);
}

/* The list above shortens a long reason ("plea...tions"): the transcript has it whole. */
static gboolean
reply_completes(const char *words, const char *reply)
{
	g_autofree char *full = diagnostic_unfold(reply);
	g_autofree char *part = diagnostic_unfold(words);
	if (full == NULL || part == NULL || strlen(full) <= strlen(part))
		return FALSE;
	const char *dots = strstr(part, "...");
	gsize same = dots == NULL ? strlen(part) : (gsize)(dots - part);
	return same > 4 && strncmp(full + 4, part + 4, same - 4) == 0;
}

static void
offer_rest(Session *session)
{
	Notice *notice = session->notice;
	const char *reply = session->reply->str, *remarks = session->remarks->str;
	gboolean refused = reply_refuses(reply);
	WordsWorth reply_worth = refused ? WORDS_REPLY : WORDS_NONE;
	WordsWorth remarks_worth = words_worth(remarks, WORDS_REASON);
	for (guint i = 0; i < notice->failures->len; i++) {
		Failure *failure = notice->failures->pdata[i];
		if (refused && failure->words != NULL &&
		        reply_completes(failure->words, reply))
			failure->worth = WORDS_NONE;
		if (failure->status == NULL)
			failure->status = g_strdup(session->status);
		failure_offer(failure, reply, session->reply_line, reply_worth);
		failure_offer(failure, remarks, session->remarks_line, remarks_worth);
	}
}

/* The line behind "Transcript of session follows", or the first line of a session that
 * nothing announces (InterScan, Courier): then only its marked lines count. */
static guint
find_transcript(const Notice *notice, gboolean *bare)
{
	guint session = notice->end;
	for (guint i = notice->start; i < notice->end; i++) {
		const Line *line = &notice->lines->at[i];
		const char *words = line_words(line);
		*bare = FALSE;
		if (core_begins(line_core(line), TRANSCRIPT_MARK))
			return i + 1;
		if (session == notice->end && (words[0] == '>' || words[0] == 'S') &&
		        (g_str_has_prefix(words, ">>> RCPT") ||
		                g_str_has_prefix(words, "Sent >>>")))
			session = i;
	}
	*bare = TRUE;
	return session;
}

void
notice_read_transcript(Notice *notice)
{
	gboolean bare = FALSE;
	guint first = find_transcript(notice, &bare);
	if (first >= notice->end)
		return;
	Session session = { .notice = notice,
		.bare = bare,
		.reply = g_string_new(NULL),
		.recipients = g_ptr_array_new_with_free_func(g_free),
		.remarks = g_string_new(NULL) };
	for (guint i = first; i < notice->end; i++)
		read_line(&session, i);
	offer_rest(&session);
	g_free(session.status);
	g_string_free(session.reply, TRUE);
	g_string_free(session.remarks, TRUE);
	g_ptr_array_unref(session.recipients);
}
