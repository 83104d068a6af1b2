/*
 * The error's text: a reply code with words, a whole sentence of a server or a client, or a
 * report. A bare code, and a customer's "it says spam detected", are none: support could not
 * find them in a log.
 */
#include <string.h>

#include "base/text.h"
#include "triage/fact.h"

#define CANDIDATES_MAX 100 /* codes looked at in one passage */
#define BEFORE_BYTES 40    /* looked at for what introduces a code */
#define BEHIND_BYTES 80    /* looked at for the words of a code */
#define VALUE_BYTES 300    /* shown of an error text */
#define WORDS_MIN 2
#define SENTENCE_WORDS_MIN 6 /* of a quotation that is a whole sentence */
#define ADDRESS_WORDS 2      /* that an address in it counts for */
#define QUOTATIONS_MAX 50
#define WRAPPED_BYTES 50 /* a line this long was broken, not ended */

static gboolean
is_word_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80;
}

/* The length of an enhanced status "5.7.26" at a place, or 0. */
static gsize
status_length(const char *text)
{
	gsize at = 2;

	if (strchr("45", text[0]) == NULL || text[0] == '\0' || text[1] != '.')
		return 0;
	gsize subject = strspn(text + at, "0123456789");
	at += subject;
	if (subject < 1 || subject > 3 || text[at] != '.')
		return 0;
	gsize detail = strspn(text + at + 1, "0123456789");
	at += 1 + detail;
	if (detail < 1 || detail > 3 || g_ascii_isalnum(text[at]) ||
	        (text[at] == '.' && g_ascii_isdigit(text[at + 1])))
		return 0;
	return at;
}

/* The length of a reply code "550", "550-" at a place, or 0. */
static gsize
code_length(const char *text)
{
	if (strchr("45", text[0]) == NULL || text[0] == '\0' ||
	        strchr("0123457", text[1]) == NULL || text[1] == '\0' ||
	        !g_ascii_isdigit(text[2]) || is_word_char(text[3]))
		return 0;
	if (strchr(".,:/", text[3] != '\0' ? text[3] : ' ') != NULL &&
	        g_ascii_isdigit(text[4]))
		return 0;
	return 3;
}

/* Words behind a place: letters only, so no ids, addresses or numbers. */
static guint
count_words(const char *text, gsize length)
{
	guint words = 0;
	gsize at = 0;

	while (at < length && text[at] != '"') {
		gsize letters = 0, token = 0;
		while (at + token < length && strchr(" \"", text[at + token]) == NULL) {
			letters += g_ascii_isalpha(text[at + token]) != 0;
			token++;
		}
		words += letters >= 2 && letters * 2 > token;
		at += token + (at + token < length && text[at + token] == ' ');
	}
	return words;
}

/* The window behind a code: up to the end of the sentence or quotation. */
static gsize
window_behind(const FoldedText *text, gsize at)
{
	return MIN(BEHIND_BYTES, text->length - at);
}

static gboolean
starts_line(const Passage *passage, gsize folded_offset)
{
	gsize at = passage->folded->offsets[folded_offset];

	while (at > 0 && strchr(" \t>*|", passage->text[at - 1]) != NULL)
		at--;
	return at == 0 || passage->text[at - 1] == '\n';
}

/* "esce 550 user unknown", but not "il codice 553 e parla di": what stands before a bare
 * code quotes it, and what follows is not the customer's own sentence. */
static gboolean
code_is_quoted(const Facts *facts, const Passage *passage, gsize start, gsize end)
{
	const FoldedText *text = passage->folded;
	gsize from = start > BEFORE_BYTES ? start - BEFORE_BYTES : 0;

	if (fact_cue_in(facts, CUE_ERROR_OWN_WORDS, text->text + end,
	            window_behind(text, end)))
		return FALSE;
	return starts_line(passage, start) || fact_cue_in(facts, CUE_ERROR_INTRODUCER,
	                                              text->text + from, start - from);
}

/* How far an error text goes from a place: wrapped lines belong to it, the customer's next
 * sentence does not. */
static gsize
text_extent(const char *verbatim)
{
	gsize at = 0;

	for (;;) {
		gsize line = strcspn(verbatim + at, "\n");
		const char *next = verbatim + at + line;
		gboolean goes_on =
		        next[0] == '\n' && next[1] != '\n' &&
		        (line >= WRAPPED_BYTES || next[1] == ' ' || next[1] == '\t');
		at += line;
		if (!goes_on || at >= VALUE_BYTES)
			return MIN(at, VALUE_BYTES);
		at++;
	}
}

/* The same text as the evidence has it, whose bounds a signature drew; or NULL. */
static const char *
text_of_evidence(const Facts *facts, const Passage *passage, const char *value)
{
	for (guint i = 0; facts->evidence != NULL && i < facts->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(facts->evidence, i);
		if (evidence->class != NULL && evidence->dropped == NULL &&
		        strcmp(evidence->part, passage->part) == 0 &&
		        strstr(value, evidence->text) != NULL)
			return evidence->text;
	}
	return NULL;
}

/* Words that stand before their status begin with their line or sentence. */
static gsize
start_of_words(const char *text, gsize at)
{
	while (at > 0 && text[at - 1] != '\n' && text[at - 1] != '"' &&
	        !(strchr(".;:", text[at - 1]) != NULL && text[at] == ' '))
		at--;
	return at + strspn(text + at, " ");
}

static void
add_text(Facts *facts, const Passage *passage, gsize start, gboolean words_before)
{
	FactPlace place = fact_place(passage, start);
	gsize from = passage->folded->offsets[start];

	if (words_before)
		from = start_of_words(passage->text, from);
	const char *verbatim = passage->text + from;
	g_autofree char *raw =
	        g_utf8_make_valid(verbatim, (gssize)text_extent(verbatim));
	g_autofree char *value = text_one_line(raw, VALUE_BYTES);
	const char *known = text_of_evidence(facts, passage, value);
	fact_add(facts, ITEM_ERROR_TEXT, known != NULL ? known : value, &place,
	        WEIGHT_STATED);
}

/* A code that was found with its words. */
typedef struct {
	gsize at, end;
	gboolean words_before; /* "sender is blacklisted (status 5.1.1)" */
} ErrorCode;

/* Whether an enhanced status at code->at has its words, behind it or before. */
static gboolean
status_has_words(const Facts *facts, const Passage *passage, ErrorCode *code)
{
	const FoldedText *text = passage->folded;
	gsize from = code->at > BEFORE_BYTES ? code->at - BEFORE_BYTES : 0;
	gsize behind = window_behind(text, code->end);

	if (count_words(text->text + code->end, behind) >= WORDS_MIN &&
	        !fact_cue_in(
	                facts, CUE_ERROR_OWN_WORDS, text->text + code->end, behind))
		return TRUE;
	/* not the version of a program */
	code->words_before = TRUE;
	return count_words(text->text + from, code->at - from) > WORDS_MIN &&
	       fact_cue_in(
	               facts, CUE_ERROR_INTRODUCER, text->text + from, code->at - from);
}

/* "550 user unknown", "550 5.1.1 user unknown" */
static gboolean
reply_has_words(const Facts *facts, const Passage *passage, const ErrorCode *code)
{
	const FoldedText *text = passage->folded;
	gsize next = code->end + strspn(text->text + code->end, " -#(");
	gsize status = status_length(text->text + next);

	if (status > 0)
		return count_words(text->text + next, window_behind(text, next)) >=
		       WORDS_MIN;
	return count_words(text->text + code->end, window_behind(text, code->end)) >=
	               WORDS_MIN &&
	       code_is_quoted(facts, passage, code->at, code->end);
}

/* Whether a code stands at code->at, with its words. */
static gboolean
is_error_at(const Facts *facts, const Passage *passage, ErrorCode *code)
{
	const char *at = passage->folded->text + code->at;
	gsize status = status_length(at);
	gsize reply = status == 0 ? code_length(at) : 0;

	code->end = code->at + MAX(status, reply);
	code->words_before = FALSE;
	if (status > 0)
		return status_has_words(facts, passage, code);
	return reply > 0 && reply_has_words(facts, passage, code);
}

/* Inside a number, a version or an address no code begins. */
static gboolean
may_begin(const FoldedText *text, gsize at)
{
	return at == 0 || (!is_word_char(text->text[at - 1]) &&
	                          strchr(".@-_/+", text->text[at - 1]) == NULL);
}

static gboolean
find_code(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	const char *found = text->text;

	for (guint candidates = 0; candidates < CANDIDATES_MAX; found++) {
		/* every code begins with one of these: few places of a mail are looked at */
		if ((found = strpbrk(found, "45")) == NULL)
			return FALSE;
		ErrorCode code = { .at = (gsize)(found - text->text) };
		if (!may_begin(text, code.at))
			continue;
		candidates++;
		if (is_error_at(facts, passage, &code)) {
			add_text(facts, passage, code.at, code.words_before);
			return TRUE;
		}
	}
	return FALSE;
}

/* 'mi dice: "Indirizzo IP bloccato temporaneamente per sospetto abuso"': a program's sentence,
 * also one that nobody knows. Fragments such as "spam detected" are shorter. */
static void
find_quotation(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	const char *open = strchr(text->text, '"');

	for (guint i = 0; open != NULL && i < QUOTATIONS_MAX; i++) {
		const char *close = strchr(open + 1, '"');
		gsize at = (gsize)(open - text->text);
		gsize from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
		if (close == NULL)
			return;
		gsize length = (gsize)(close - open - 1);
		/* people who only recount an error leave out the address in it */
		guint least = memchr(open + 1, '@', length) != NULL
		                      ? SENTENCE_WORDS_MIN - ADDRESS_WORDS
		                      : SENTENCE_WORDS_MIN;
		if (count_words(open + 1, length) >= least &&
		        fact_cue_in(facts, CUE_ERROR_INTRODUCER, text->text + from,
		                at - from)) {
			add_text(facts, passage, at + 1, FALSE);
			return;
		}
		open = strchr(close + 1, '"');
	}
}

/* Where a sentence of the folded text ends. */
static gsize
sentence_end(const FoldedText *text, gsize at)
{
	while (at < text->length &&
	        !(strchr(".!?", text->text[at]) != NULL &&
	                (at + 1 == text->length || text->text[at + 1] == ' ')))
		at++;
	return at;
}

/* "mi scrive: Il file da caricare supera il limite di 30 MB." */
static gboolean
find_announced(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	const char *colon = strchr(text->text, ':');

	for (guint i = 0; colon != NULL && i < QUOTATIONS_MAX; i++) {
		gsize at = (gsize)(colon - text->text) + 1;
		gsize from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
		gsize begin = at + strspn(text->text + at, " ");
		const char *verbatim = passage->text + text->offsets[begin];
		if (g_unichar_isupper(g_utf8_get_char_validated(verbatim, -1)) &&
		        count_words(text->text + begin,
		                sentence_end(text, begin) - begin) >=
		                SENTENCE_WORDS_MIN &&
		        fact_cue_in(
		                facts, CUE_ANNOUNCER, text->text + from, at - from)) {
			add_text(facts, passage, begin, FALSE);
			return TRUE;
		}
		colon = strchr(colon + 1, ':');
	}
	return FALSE;
}

static void
find_sentence(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	gsize start = 0, end;

	/* of a log that somebody attached nothing else is asked */
	if (needles_may(vocabulary_needles(facts->vocabulary, CUE_ERROR_SENTENCE),
	            text->text, text->length) &&
	        vocabulary_find(facts->vocabulary, CUE_ERROR_SENTENCE, text->text,
	                text->length, &start, &end))
		add_text(facts, passage, start, FALSE);
	else if (passage->origin == ORIGIN_WORDS && !find_announced(facts, passage))
		find_quotation(facts, passage);
}

/* Whether a report gave its text. */
static gboolean
add_reports(Facts *facts)
{
	const GPtrArray *reports = facts->passages->reports;
	gboolean found = FALSE;

	for (guint i = 0; i < reports->len; i++) {
		const Report *report = g_ptr_array_index(reports, i);
		FactPlace place = { ORIGIN_REPORT, report->part, report->line };
		const char *text = report->diagnostic != NULL ? report->diagnostic
		                                              : report->status;
		if (report->action == ACTION_DELIVERED ||
		        report->action == ACTION_NONE || text == NULL)
			continue;
		fact_add(facts, ITEM_ERROR_TEXT, text, &place, WEIGHT_REPORT);
		found = TRUE;
	}
	return found;
}

void
fact_errors_find(Facts *facts)
{
	const GPtrArray *passages = facts->passages->passages;

	gboolean reported = add_reports(facts);
	for (guint i = 0; i < passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages, i);
		if (!fact_passage_counts(passage) || passage->history ||
		        passage->report != NULL || passage->headers)
			continue;
		/* the report's own text says it once more */
		if (passage->machine && reported)
			continue;
		if (!find_code(facts, passage))
			find_sentence(facts, passage);
	}
}
