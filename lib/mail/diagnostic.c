#include "mail/diagnostic.h"

#include <string.h>

#include "base/text.h"

#define LOCAL_PART_MAX 256 /* VERP addresses go beyond RFC 5321's 64 */
#define STATUS_DIGITS_MAX 3

/* A reply code with what stands behind it: "550-5.1.1 ", "550 ". */
typedef struct {
	const char *start;
	gsize code_length;   /* 3 */
	gsize status_length; /* of an enhanced status, or 0 */
	gsize length;        /* with the blank or dash behind */
	gboolean continued;  /* "550-": more lines follow */
} ReplyHead;

static gboolean
is_boundary(const char *text, const char *at)
{
	return at == text || strchr(" \t\n([{<>'\":;,-#|/", at[-1]) != NULL;
}

/* The length of an enhanced status at text (RFC 3463 2), or 0. The subjects are 0 to 7;
 * "4.94.2" is a version and "4.16.55.1" part of an address. */
static gsize
status_span(const char *text)
{
	if (strchr("245", text[0]) == NULL || text[0] == '\0' || text[1] != '.' ||
	        text[2] < '0' || text[2] > '7' || text[3] != '.')
		return 0;
	gsize digits = 0;
	while (g_ascii_isdigit(text[4 + digits]))
		digits++;
	const char *end = text + 4 + digits;
	if (digits == 0 || digits > STATUS_DIGITS_MAX || g_ascii_isalpha(*end) ||
	        (*end == '.' && g_ascii_isdigit(end[1])))
		return 0;
	return 4 + digits;
}

/* 587 and 465 are ports, so not every number between 400 and 599 is a code. */
static gboolean
is_reply_code(const char *text)
{
	if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) ||
	        !g_ascii_isdigit(text[2]))
		return FALSE;
	if (text[0] == '2')
		return text[1] == '5' || text[1] == '2';
	if (text[0] == '4')
		return strchr("23457", text[1]) != NULL;
	return text[0] == '5' && text[1] <= '7';
}

static gboolean
reply_head_at(const char *text, const char *at, ReplyHead *head)
{
	if (!is_reply_code(at) || !is_boundary(text, at))
		return FALSE;
	char next = at[3];
	if (next != '\0' && strchr(" -:,.;)]'\"\n\t", next) == NULL)
		return FALSE;
	if (next == '.' && g_ascii_isdigit(at[4]))
		return FALSE;
	*head = (ReplyHead){ .start = at, .code_length = 3, .length = 3 };
	if (next != ' ' && next != '-')
		return TRUE;
	head->continued = next == '-';
	head->length = 4;
	head->length += strspn(at + head->length, " ");
	head->status_length = status_span(at + head->length);
	if (head->status_length > 0) {
		head->length += head->status_length;
		head->length += strspn(at + head->length, " ");
	}
	return TRUE;
}

static gboolean
next_reply_head(const char *text, const char *at, ReplyHead *head)
{
	/* as every code begins: is_reply_code() */
	for (at = strpbrk(at, "245"); at != NULL; at = strpbrk(at + 1, "245"))
		if (reply_head_at(text, at, head))
			return TRUE;
	return FALSE;
}

static const char *
head_status(const ReplyHead *head)
{
	const char *at = head->start + 4;
	return at + strspn(at, " ");
}

static gboolean
same_reply(const ReplyHead *a, const ReplyHead *b)
{
	return strncmp(a->start, b->start, 3) == 0 &&
	       a->status_length == b->status_length &&
	       strncmp(head_status(a), head_status(b), a->status_length) == 0;
}

static char *
fold_space(const char *words)
{
	gsize length = strlen(words), end = 0;
	/* as most words are said */
	if (length <= DIAGNOSTIC_MAX && text_is_one_line(words, length))
		return g_strndup(words, length);
	length = MIN(length, DIAGNOSTIC_MAX);
	g_autofree char *out = g_malloc(length + 1);
	for (; *words != '\0' && end < length; words++) {
		gboolean nbsp = words[0] == '\xc2' && words[1] == '\xa0';
		if (!nbsp && !g_ascii_isspace(*words)) {
			out[end++] = *words;
			continue;
		}
		words += nbsp;
		if (end > 0 && out[end - 1] != ' ')
			out[end++] = ' ';
	}
	while (end > 0 && out[end - 1] == ' ')
		end--;
	out[end] = '\0';
	return text_is_ascii(out, end) ? g_steal_pointer(&out)
	                               : g_utf8_make_valid(out, -1);
}

/* Append a multi-line reply from its first head on; return where it ends, or NULL when no
 * last line ("550 ") follows, and so the dash was no continuation. */
static const char *
append_multiline(GString *out, const char *text, const ReplyHead *first)
{
	gsize start = out->len;
	const char *body = first->start + first->length;
	g_string_append_printf(out, "%.3s %.*s%s", first->start,
	        (int)first->status_length, head_status(first),
	        first->status_length > 0 ? " " : "");
	ReplyHead head;
	for (const char *at = body; next_reply_head(text, at, &head);
	        at = head.start + head.length) {
		if (!same_reply(first, &head)) {
			head.length = 3;
			continue;
		}
		g_string_append_len(out, body, head.start - body);
		body = head.start + head.length;
		if (!head.continued)
			return body;
	}
	g_string_truncate(out, start);
	return NULL;
}

char *
diagnostic_unfold(const char *words)
{
	if (words == NULL)
		return NULL;
	g_autofree char *text = fold_space(words);
	if (text[0] == '\0')
		return NULL;
	GString *out = g_string_new(NULL);
	const char *at = text;
	ReplyHead head;
	while (next_reply_head(text, at, &head)) {
		g_string_append_len(out, at, head.start - at);
		const char *end =
		        head.continued ? append_multiline(out, text, &head) : NULL;
		if (end == NULL) {
			g_string_append_len(out, head.start, 3);
			end = head.start + 3;
		}
		at = end;
	}
	g_string_append(out, at);
	return g_string_free(out, FALSE);
}

char *
diagnostic_reply_code(const char *words)
{
	const char *best = NULL;
	int best_score = -1;
	ReplyHead head;
	for (const char *at = words; at != NULL && next_reply_head(words, at, &head);
	        at = head.start + 3) {
		const char *start = head.start;
		gboolean opens = start == words || start[-1] == '\'' ||
		                 (start >= words + 2 && start[-1] == ' ' &&
		                         strchr(":><", start[-2]) != NULL);
		int score = (head.status_length > 0 ? 2 : 0) + (opens ? 1 : 0) +
		            (start[0] == '2' ? -2 : 0);
		if (score > best_score) {
			best = start;
			best_score = score;
		}
	}
	return best == NULL ? NULL : g_strndup(best, 3);
}

/* How much a status says: 5.0.0 nothing, 4.4.7 that time ran out, 5.7.0 the subject only. */
static int
status_rank(const char *status)
{
	if (strcmp(status + 1, ".0.0") == 0)
		return 0;
	if (strcmp(status + 1, ".4.7") == 0)
		return 1;
	return g_str_has_suffix(status, ".0") ? 2 : 3;
}

char *
diagnostic_status(const char *words)
{
	g_autofree char *best = NULL;
	for (const char *at = words; at != NULL && *at != '\0'; at++) {
		gsize length =
		        at[1] == '.' && is_boundary(words, at) ? status_span(at) : 0;
		if (length == 0)
			continue;
		g_autofree char *status = g_strndup(at, length);
		if (best == NULL || status_rank(status) > status_rank(best)) {
			g_free(best);
			best = g_steal_pointer(&status);
		}
	}
	return g_steal_pointer(&best);
}

static int
field_rank(const char *status)
{
	gboolean vague = strcmp(status, "5.1.1") == 0 || strcmp(status, "5.5.0") == 0;
	return vague ? 2 : status_rank(status);
}

char *
diagnostic_choose_status(const char *field, const char *words)
{
	g_autofree char *stated = diagnostic_status(field);
	g_autofree char *said = diagnostic_status(words);
	if (stated == NULL)
		return g_steal_pointer(&said);
	if (said == NULL)
		return g_steal_pointer(&stated);
	/* Postfix turns a greeting's 550 5.5.0 into "Status: 4.5.0" to try again. */
	g_autofree char *code = diagnostic_reply_code(words);
	gboolean softened = code != NULL && code[0] == said[0] &&
	                    code[0] != stated[0] && strcmp(said + 1, stated + 1) == 0;
	if (softened || field_rank(said) > field_rank(stated))
		return g_steal_pointer(&said);
	return g_steal_pointer(&stated);
}

char *
diagnostic_host(const char *words)
{
	static const char *const openers[] = { "host ", "server at ", "connect to ",
		"connection with ", "conversation with ", "talking to ",
		"smtp server <" };
	if (words == NULL)
		return NULL;
	g_autofree char *lower = g_ascii_strdown(words, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(openers); i++) {
		const char *found = strstr(lower, openers[i]);
		if (found == NULL || !is_boundary(lower, found))
			continue;
		const char *host = found + strlen(openers[i]);
		gsize length = strcspn(host, " [](){}<>:,;'\"\t");
		while (length > 0 && host[length - 1] == '.')
			length--;
		if (memchr(host, '.', length) != NULL)
			return g_strndup(host, length);
	}
	return NULL;
}

gboolean
diagnostic_is_reply(const char *words)
{
	static const char *const marks[] = { " said:", "remote host said",
		" returned '", "smtp error", "rejected", "refused to talk" };
	g_autofree char *code = diagnostic_reply_code(words);
	g_autofree char *status = code == NULL ? diagnostic_status(words) : NULL;
	if (code != NULL || status != NULL)
		return TRUE;
	g_autofree char *lower = g_ascii_strdown(words, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (strstr(lower, marks[i]) != NULL)
			return TRUE;
	return FALSE;
}

static gboolean
is_local_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 ||
	       (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static gboolean
is_domain_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 || c == '.' || c == '-' ||
	       c == '_';
}

/* Where the local part that ends before at begins; at itself when there is none. */
static const char *
local_start(const char *text, const char *at)
{
	const char *min = at - MIN(at - text, LOCAL_PART_MAX);
	const char *start = at;
	if (start > min && start[-1] == '"') {
		start--;
		while (start > min && start[-1] != '"')
			start--;
		return start > min ? start - 1 : at;
	}
	while (start > min && is_local_char(start[-1]))
		start--;
	while (start < at && strchr("'.`*|-#/=!", *start) != NULL)
		start++;
	return start;
}

static const char *
domain_end(const char *domain)
{
	const char *end = domain;
	if (*end == '[') {
		gsize length = strcspn(end, "] <>");
		return end[length] == ']' ? end + length + 1 : domain;
	}
	while (is_domain_char(*end))
		end++;
	while (end > domain && strchr(".-_", end[-1]) != NULL)
		end--;
	return end;
}

char *
diagnostic_address(const char *text, gsize *start, gsize *end)
{
	for (const char *at = strchr(text + *start, '@'); at != NULL;
	        at = strchr(at + 1, '@')) {
		const char *local = local_start(text + *start, at);
		const char *stop = domain_end(at + 1);
		if (local == at || stop == at + 1)
			continue;
		g_autofree char *raw = g_strndup(local, stop - local);
		if (!g_utf8_validate(raw, -1, NULL))
			continue;
		gboolean angle = local > text && local[-1] == '<' && *stop == '>';
		*start = local - text - (angle ? 1 : 0);
		*end = stop - text + (angle ? 1 : 0);
		return g_steal_pointer(&raw);
	}
	return NULL;
}
