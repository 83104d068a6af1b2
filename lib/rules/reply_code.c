#include "rules/reply_code.h"

#include <string.h>

#include "base/eight.h"

/* RFC 3463: subjects 0-7; RFC 5321: second digit 0-3 (security, RFC 4954) or 5. */
#define SUBJECT_MAX 7
#define SECOND_DIGITS "01235"

/* How sure it is that digits are a code. */
typedef enum {
	RANK_NONE,
	RANK_WORDS,  /* server words behind it */
	RANK_MARKED, /* a mark before it */
	RANK_HEAD,   /* the text begins with it */
	RANK_PAIR,   /* code and status of one class side by side */
} Rank;

/* What servers write behind a bare code, in the protocol's own language. */
static const char *const server_words[] = { "access", "account", "address",
	"administrative", "authentication", "bad", "blocked", "cannot", "command",
	"connection", "content", "could", "delivery", "denied", "domain", "error",
	"exceeded", "failed", "greylisted", "host", "insufficient", "invalid", "local",
	"mailbox", "mailbox,", "message", "must", "no such", "not", "over", "permanent",
	"permission", "policy", "quota", "recipient", "rejected", "relay", "relaying",
	"requested", "resources", "sender", "sending", "server", "service", "smtp",
	"sorry", "spam", "syntax", "system", "temporary", "the ", "this ", "too many",
	"transaction", "unable", "unknown", "unrouteable", "user", "you ", "your ",
	NULL };

/* Where a status was found. */
typedef struct {
	Rank rank;
	char text[REPLY_STATUS_SIZE];
} Status;

static gboolean
is_word_byte(char byte)
{
	return g_ascii_isalnum(byte) || byte == '_';
}

/* Nothing that would make the digits part of a longer number, name, date or address. */
static gboolean
begins_token(const char *text, const char *at)
{
	return at == text || (!is_word_byte(at[-1]) && strchr(".,/+@", at[-1]) == NULL);
}

static gboolean
ends_token(const char *end)
{
	if (is_word_byte(*end) || *end == '@' || *end == '/' || *end == '%')
		return FALSE;
	return strchr(".,:", *end) == NULL || *end == '\0' || !g_ascii_isdigit(end[1]);
}

/* The length of a status at this place: "5.7.26"; 0 when there is none. */
static gsize
status_length(const char *at)
{
	if ((at[0] != '4' && at[0] != '5') || at[1] != '.')
		return 0;
	gsize subject = strspn(at + 2, "0123456789");
	if (subject != 1 || at[2] > '0' + SUBJECT_MAX || at[3] != '.')
		return 0;
	gsize detail = strspn(at + 4, "0123456789");
	if (detail < 1 || detail > 3 || !ends_token(at + 4 + detail))
		return 0;
	return 4 + detail;
}

/* "5.6.26" alone is a day in June as well; in marks, or with another detail, it is not. */
static gboolean
may_be_date(const char *text, const char *at, gsize length)
{
	gboolean marked = at > text && strchr("#(:;[", at[-1]) != NULL;
	return !marked && length == 6 && at[2] > '0' && at[4] >= '2';
}

static const char *
skip_separators(const char *at)
{
	return at + strspn(at, " -(#:\t");
}

/* A status of the same class right behind the code. */
static gsize
paired_status(const char *code, const char **status)
{
	const char *at = skip_separators(code + 3);
	if (at == code + 3 || at[0] != code[0])
		return 0;
	*status = at;
	return status_length(at);
}

static gboolean
server_speaks(const char *at)
{
	if (*at != ' ' && *at != '-')
		return FALSE;
	at++;
	for (guint i = 0; server_words[i] != NULL; i++) {
		gsize length = strlen(server_words[i]);
		if (g_ascii_strncasecmp(at, server_words[i], length) == 0 &&
		        !is_word_byte(
		                at[length - 1 + (server_words[i][length - 1] != ' ')]))
			return TRUE;
	}
	return FALSE;
}

/* The word before, "error 550", "codice: 550", by its stem: alike in most languages. */
static gboolean
is_named(const char *text, const char *before)
{
	static const char *const stems[] = { "err", "cod", "smtp", "said", "return",
		"reply", "resp", "status" };
	const char *word = before;
	while (word > text && is_word_byte(word[-1]))
		word--;
	for (guint i = 0; i < G_N_ELEMENTS(stems); i++) {
		if (g_ascii_strncasecmp(word, stems[i], strlen(stems[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "said: 550", "smtp;550", "'550 ...", "(535)", "error 550" */
static gboolean
is_marked(const char *text, const char *at)
{
	const char *before = at;
	while (before > text && before[-1] == ' ')
		before--;
	if (before > text && strchr(":;('\"[<>#=", before[-1]) != NULL)
		return TRUE;
	return before < at && is_named(text, before);
}

/* "500 120 messages" counts; "550 192.0.2.1 is blocked" does not. */
static gboolean
number_follows(const char *at)
{
	if (*at != ' ' || !g_ascii_isdigit(at[1]))
		return FALSE;
	return at[1 + strspn(at + 1, "0123456789")] != '.';
}

static Rank
code_rank(const char *text, const char *at)
{
	const char *status;
	if ((at[0] != '4' && at[0] != '5') || at[1] == '\0' ||
	        strchr(SECOND_DIGITS, at[1]) == NULL || !g_ascii_isdigit(at[2]) ||
	        !begins_token(text, at))
		return RANK_NONE;
	if (paired_status(at, &status) > 0)
		return RANK_PAIR;
	if (!ends_token(at + 3))
		return RANK_NONE;
	if (server_speaks(at + 3))
		return at == text ? RANK_HEAD : RANK_WORDS;
	if (number_follows(at + 3))
		return RANK_NONE;
	if (at == text + strspn(text, " <'\"([-"))
		return RANK_HEAD;
	return is_marked(text, at) ? RANK_MARKED : RANK_NONE;
}

static void
keep_status(Status *best, Rank rank, const char *at, gsize length)
{
	if (rank <= best->rank || length >= REPLY_STATUS_SIZE)
		return;
	best->rank = rank;
	g_strlcpy(best->text, at, length + 1);
}

static void
look_for_status(const char *text, const char *at, Status *best)
{
	gsize length = begins_token(text, at) ? status_length(at) : 0;
	if (length > 0 && !may_be_date(text, at, length))
		keep_status(best, RANK_MARKED, at, length);
}

void
utterance_codes(
        const char *text, char code[REPLY_CODE_SIZE], char status[REPLY_STATUS_SIZE])
{
	Rank best = RANK_NONE;
	Status found = { .rank = RANK_NONE };
	code[0] = '\0';
	for (const char *at = text; *at != '\0'; at++) {
		if (*at != '4' && *at != '5')
			continue;
		Rank rank = code_rank(text, at);
		if (rank > best) {
			best = rank;
			g_strlcpy(code, at, REPLY_CODE_SIZE);
		}
		const char *behind = NULL;
		gsize length = rank == RANK_PAIR ? paired_status(at, &behind) : 0;
		if (length > 0)
			keep_status(&found, RANK_PAIR, behind, length);
		else
			look_for_status(text, at, &found);
	}
	g_strlcpy(status, found.text, REPLY_STATUS_SIZE);
}

/* "550", "5.": as code_rank() and status_length() want them. */
static gboolean
may_be_code(const char *at, gsize length)
{
	if (length < 2 || (*at != '4' && *at != '5'))
		return FALSE;
	return at[1] == '.' ||
	       (length > 2 && at[1] >= '0' && at[1] <= '5' && g_ascii_isdigit(at[2]));
}

gboolean
utterance_may_have_codes(const char *text, gsize length)
{
	gsize at = 0;
	for (; length - at >= sizeof(guint64); at += sizeof(guint64)) {
		/* eight bytes at once, and '4' as '5': few hold either */
		guint64 eight = eight_read(text + at) | EIGHT_EACH(1);
		for (guint64 tops = eight_equal(eight, '5'); tops != 0;
		        tops &= tops - 1) {
			gsize first = at + eight_first(tops);
			if (may_be_code(text + first, length - first))
				return TRUE;
		}
	}
	for (; at < length; at++)
		if (may_be_code(text + at, length - at))
			return TRUE;
	return FALSE;
}
