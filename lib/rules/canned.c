#include "rules/canned.h"

#include <string.h>

#include "base/text.h"
#include "rules/words.h"

#define RUN_WORDS 4    /* so many words in a row are looked up */
#define LINE_SHARE 0.6 /* of a line's words must be ours, in one run */
#define BLOCK_WORDS 18 /* fewer words may be a coincidence, or a sentence repeated */
#define BLOCK_GAP 2    /* lines of others (a value, an answer) within a block */
#define VALUE_WORDS 30 /* of an error that our text shows in quotation marks */
#define FILTER_BITS (1u << 18)
#define WORD_BITS (1u << 14)
#define HEAD_MAX 256 /* longer heads are looked up without a look at their length */

struct Canned {
	GHashTable *runs;  /* set of hashes of RUN_WORDS words, as pointers */
	GHashTable *texts; /* set of hashes of those learned: many replies end alike */
	/* "Abbiamo annotato:" above "- il mittente: {{value}}" */
	GHashTable *heads;  /* set of folded lines (char *) */
	GHashTable *labels; /* set of folded lines up to their value (char *) */
	/* Most mails hold nothing of ours: of which runs and lengths that is certain. */
	guint8 *filter; /* a bit per value of a run's top bits */
	/* the same of single words: so small that it stays in the cache while the filter does not */
	guint8 words[WORD_BITS / 8];
	gboolean head_lengths[HEAD_MAX];
	gboolean head_firsts[256]; /* by the byte that a head begins with */
};

Canned *
canned_new(void)
{
	Canned *canned = g_new0(Canned, 1);
	canned->runs = g_hash_table_new(NULL, NULL);
	canned->texts = g_hash_table_new(NULL, NULL);
	canned->heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	canned->labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	canned->filter = g_malloc0(FILTER_BITS / 8);
	return canned;
}

void
canned_free(Canned *canned)
{
	if (canned == NULL)
		return;
	g_hash_table_unref(canned->runs);
	g_hash_table_unref(canned->texts);
	g_hash_table_unref(canned->heads);
	g_hash_table_unref(canned->labels);
	g_free(canned->filter);
	g_free(canned);
}

static guint64
run_hash(const guint64 words[RUN_WORDS])
{
	guint64 hash = 0;
	for (guint i = 0; i < RUN_WORDS; i++)
		hash = hash * G_GUINT64_CONSTANT(6364136223846793005) + words[i];
	return hash;
}

static guint64
run_at(const GArray *words, guint at)
{
	guint64 hashes[RUN_WORDS];
	for (guint i = 0; i < RUN_WORDS; i++)
		hashes[i] = g_array_index(words, Word, at + i).hash;
	return run_hash(hashes);
}

static inline guint
word_bit(guint64 word)
{
	return (guint)(word >> 40) % WORD_BITS;
}

static void
learn_word(Canned *canned, guint64 word)
{
	guint bit = word_bit(word);
	canned->words[bit / 8] |= (guint8)(1u << bit % 8);
}

static inline gboolean
may_know_word(const Canned *canned, guint64 word)
{
	guint bit = word_bit(word);
	return (canned->words[bit / 8] & 1u << bit % 8) != 0;
}

static void
learn_run(Canned *canned, guint64 run)
{
	guint bit = (guint)(run >> 32) % FILTER_BITS;
	canned->filter[bit / 8] |= (guint8)(1u << bit % 8);
	g_hash_table_add(canned->runs, GSIZE_TO_POINTER((gsize)run));
}

static gboolean
knows_run(const Canned *canned, guint64 run)
{
	guint bit = (guint)(run >> 32) % FILTER_BITS;
	return (canned->filter[bit / 8] & 1u << bit % 8) != 0 &&
	       g_hash_table_contains(canned->runs, GSIZE_TO_POINTER((gsize)run));
}

/* The line as it is compared: folded, without marks and blanks around it. */
static char *
plain_line(const char *line, gsize length)
{
	gsize skip = strspn(line, " \t>");
	if (skip >= length)
		return g_strdup("");
	return g_strstrip(text_fold_words(line + skip, length - skip));
}

static gboolean
is_entry(const char *plain)
{
	return g_str_has_prefix(plain, "- ");
}

/* A text that breaks off in a list's entry is followed by a value: learn the entry's label
 * and the line above the list. */
static void
learn_list(Canned *canned, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	guint at = g_strv_length(lines);
	g_autofree char *label =
	        at > 0 ? plain_line(lines[at - 1], strlen(lines[at - 1])) : NULL;
	if (label == NULL || !is_entry(label) || !g_str_has_suffix(label, ":"))
		return;
	g_hash_table_add(canned->labels, g_steal_pointer(&label));
	for (at--; at > 0; at--) {
		g_autofree char *head =
		        plain_line(lines[at - 1], strlen(lines[at - 1]));
		if (*head == '\0' || is_entry(head))
			continue;
		canned->head_lengths[MIN(strlen(head), HEAD_MAX - 1)] = TRUE;
		canned->head_firsts[(guchar)*head] = TRUE;
		g_hash_table_add(canned->heads, g_steal_pointer(&head));
		return;
	}
}

static void
add_text(const char *text, gpointer data)
{
	Canned *canned = data;
	guint lines;
	guint64 hash = words_hash_text(text);
	if (!g_hash_table_add(canned->texts, GSIZE_TO_POINTER((gsize)hash)))
		return;
	learn_list(canned, text);
	g_autoptr(GArray) words = words_split(text, &lines);
	for (guint i = 0; i < words->len; i++)
		learn_word(canned, g_array_index(words, Word, i).hash);
	for (guint i = 0; i + RUN_WORDS <= words->len; i++)
		learn_run(canned, run_at(words, i));
}

void
canned_add(Canned *canned, const Template *template)
{
	if (template != NULL)
		template_each_text(template, add_text, canned);
}

/* What is known of one line. */
typedef struct {
	guint words, ours;             /* ours: the longest run of them */
	gboolean blank, shown, closed; /* a value in quotation marks begins, ends */
	gboolean code;                 /* begins with a reply code */
	gboolean listed; /* the head of a list of values, or an entry of it */
} Line;

static void
mark_words(const Canned *canned, GArray *words)
{
	for (guint i = 0; i + RUN_WORDS <= words->len; i++) {
		if (!knows_run(canned, run_at(words, i)))
			continue;
		for (guint k = i; k < i + RUN_WORDS; k++)
			g_array_index(words, Word, k).ours = TRUE;
	}
}

static void
look_at_line(Line *line, const char *text)
{
	const char *at = text + strspn(text, " \t>");
	gsize length = strcspn(at, "\n");
	const char *end = at + length;
	line->blank = *at == '\n' || *at == '\0';
	line->shown = *at == '"' || g_str_has_prefix(at, "\xc2\xab") ||
	              g_str_has_prefix(at, "\xe2\x80\x9c");
	while (end > at && g_ascii_isspace(end[-1]))
		end--;
	line->closed = end - at >= 2 &&
	               (end[-1] == '"' || strncmp(end - 2, "\xc2\xbb", 2) == 0);
	line->code = g_ascii_isdigit(at[0]) && g_ascii_isdigit(at[1]) &&
	             g_ascii_isdigit(at[2]) && !g_ascii_isalnum(at[3]);
}

static gboolean
has_label(const Canned *canned, const char *plain)
{
	const char *colon = strchr(plain, ':');
	if (!is_entry(plain) || colon == NULL)
		return FALSE;
	g_autofree char *label = g_strndup(plain, (gsize)(colon + 1 - plain));
	return g_hash_table_contains(canned->labels, label);
}

/* What we said that we know already; below our questions the same words are answers. */
static void
find_lists(const Canned *canned, const char *text, Line *lines, guint count)
{
	gboolean within = FALSE;
	for (guint i = 0; i < count; i++) {
		gsize length = strcspn(text, "\n");
		g_autofree char *plain = plain_line(text, length);
		text += length + (text[length] == '\n');
		if (*plain == '\0')
			continue;
		if (!is_entry(plain))
			within = g_hash_table_contains(canned->heads, plain);
		lines[i].listed =
		        within && (!is_entry(plain) || has_label(canned, plain));
	}
}

static Line *
read_lines(const Canned *canned, const char *text, const GArray *words, guint count)
{
	Line *lines = g_new0(Line, count);
	find_lists(canned, text, lines, count);
	guint run = 0;
	for (guint i = 0; i < words->len; i++) {
		const Word *word = &g_array_index(words, Word, i);
		Line *line = &lines[word->line];
		run = word->ours ? (line->words > 0 ? run + 1 : 1) : 0;
		line->words++;
		line->ours = MAX(line->ours, run);
	}
	for (guint i = 0; i < count; i++) {
		look_at_line(&lines[i], text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return lines;
}

static gboolean
is_ours(const Line *line)
{
	return line->listed ||
	       (line->words > 0 && line->ours >= LINE_SHARE * line->words);
}

/* The line behind the block that begins at a line of ours, and the words of ours in it. */
static guint
block_end(const Line *lines, guint count, guint from, guint *words)
{
	guint end = from, gap = 0;
	*words = 0;
	for (guint i = from; i < count && gap <= BLOCK_GAP; i++) {
		if (is_ours(&lines[i])) {
			*words += lines[i].listed ? lines[i].words : lines[i].ours;
			end = i + 1;
			gap = 0;
		} else if (!lines[i].blank) {
			gap++;
		}
	}
	return end;
}

/* An error text that stands in one of our texts too, set by itself beside a quoted reply, is
 * what the customer shows. */
static void
trim(const Line *lines, guint *from, guint *end)
{
	while (*from < *end && (lines[*from].code || !is_ours(&lines[*from])))
		++*from;
	while (*end > *from && (lines[*end - 1].code || !is_ours(&lines[*end - 1])))
		--*end;
}

/* The line behind an error that is shown in quotation marks, wrapped or not; from when it is
 * none, or too long. */
static guint
shown_end(const Line *lines, guint from, guint end)
{
	guint words = 0;
	for (guint i = from; lines[from].shown && i < end; i++) {
		words += lines[i].words;
		if (lines[i].blank || words > VALUE_WORDS)
			return from;
		if (lines[i].closed)
			return i + 1;
	}
	return from;
}

/* Of a block those lines are ours that say our words, and the error that they show. */
static gboolean
mark_block(const Line *lines, guint from, guint end, gboolean *flags)
{
	trim(lines, &from, &end);
	for (guint i = from; i < end; i++) {
		gboolean below = i > from && (flags[i - 1] || lines[i - 1].blank);
		guint shown = below ? shown_end(lines, i, end) : i;
		flags[i] = is_ours(&lines[i]) || shown > i;
		for (; i + 1 < shown; i++)
			flags[i + 1] = TRUE;
	}
	return from < end;
}

/* Whether a run of words of ours stands anywhere in a text. */
static gboolean
says_run(const Canned *canned, const FoldedText *folded)
{
	const char *at = folded->text, *end = at + folded->length;
	guint64 words[RUN_WORDS] = { 0 };
	guint known = 0; /* of the last words in a row, perhaps ours */
	while (at < end) {
		if (!words_is_letter(*at)) {
			at++;
			continue;
		}
		for (guint i = 0; i + 1 < RUN_WORDS; i++)
			words[i] = words[i + 1];
		words[RUN_WORDS - 1] = words_hash_next(&at, end);
		known = may_know_word(canned, words[RUN_WORDS - 1]) ? known + 1 : 0;
		if (known >= RUN_WORDS && knows_run(canned, run_hash(words)))
			return TRUE;
	}
	return FALSE;
}

/* The first folded byte that comes from source's offset or behind it. */
static gsize
folded_from(const FoldedText *folded, gsize offset)
{
	gsize low = 0, high = folded->length;
	while (low < high) {
		gsize middle = (low + high) / 2;
		if (folded->offsets[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether a line that begins so may be the head of a list. A letter folds to a small one, which
 * rules most lines out without a search. */
static inline gboolean
may_be_head(const Canned *canned, char first)
{
	return !g_ascii_isalnum(first) ||
	       canned->head_firsts[(guchar)g_ascii_tolower(first)];
}

/* Whether a line of a text is one. */
static gboolean
is_head(const Canned *canned, const FoldedText *folded, gsize start, gsize end)
{
	gsize from = folded_from(folded, start), to = folded_from(folded, end);
	from += from < to && folded->text[from] == ' ';
	to -= to > from && folded->text[to - 1] == ' ';
	if (!canned->head_lengths[MIN(to - from, HEAD_MAX - 1)])
		return FALSE;
	g_autofree char *plain = g_strndup(folded->text + from, to - from);
	return g_hash_table_contains(canned->heads, plain);
}

/* Whether a line of a text is the head of one of our lists. Folds no line anew: of the text's
 * folded form it is what comes from behind the line's marks. */
static gboolean
says_head(const Canned *canned, const char *text, const FoldedText *folded)
{
	for (const char *line = text;;) {
		const char *feed = strchr(line, '\n');
		const char *end = feed != NULL ? feed : line + strlen(line);
		const char *start = line;
		while (start < end &&
		        (*start == ' ' || *start == '\t' || *start == '>'))
			start++;
		if (start < end && may_be_head(canned, *start) &&
		        is_head(canned, folded, (gsize)(start - text),
		                (gsize)(end - text)))
			return TRUE;
		if (feed == NULL)
			return FALSE;
		line = feed + 1;
	}
}

gboolean *
canned_lines(
        const Canned *canned, const char *text, const FoldedText *folded, guint *count)
{
	if (!says_run(canned, folded) && !says_head(canned, text, folded))
		return NULL;
	g_autoptr(GArray) words = words_split(text, count);
	mark_words(canned, words);
	g_autofree Line *lines = read_lines(canned, text, words, *count);
	g_autofree gboolean *flags = g_new0(gboolean, *count);
	gboolean any = FALSE;
	for (guint i = 0; i < *count;) {
		guint said, end;
		if (!is_ours(&lines[i])) {
			i++;
			continue;
		}
		end = block_end(lines, *count, i, &said);
		if (said >= BLOCK_WORDS && end - i > 1)
			any |= mark_block(lines, i, end, flags);
		i = end;
	}
	return any ? g_steal_pointer(&flags) : NULL;
}
