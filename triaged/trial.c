#include "triaged/trial.h"

#include <string.h>

#include "triage/classify.h"
#include "triage/evidence.h"

/* Of an example's words so many must stand in a text that its pattern misses. */
#define LIKENESS_MIN 0.6
/* ... when the signature's code or status is there. */
#define LIKENESS_MIN_WITH_CODE 0.3
#define WORD_MIN 3 /* letters; shorter ones stand in every text */

static void
finding_free(Finding *finding)
{
	g_free(finding->matched);
	g_free(finding);
}

void
trial_free(Trial *trial)
{
	if (trial == NULL)
		return;
	g_ptr_array_unref(trial->hits);
	g_ptr_array_unref(trial->near);
	g_ptr_array_unref(trial->segments);
	passages_free(trial->passages);
	case_free(trial->kase);
	g_free(trial);
}

/* The distinct words of a folded text. */
static GHashTable *
words_of(const char *folded)
{
	GHashTable *words =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (const char *at = folded; *at != '\0';) {
		const char *start = at;
		while (g_ascii_isalnum(*at))
			at++;
		if (at - start >= WORD_MIN)
			g_hash_table_add(words, g_strndup(start, (gsize)(at - start)));
		at += at == start;
	}
	return words;
}

/* The part of an example's words that the text has. */
static double
likeness_of(const char *example, GHashTable *text)
{
	g_autoptr(FoldedText) folded = text_fold(example, -1, TRUE);
	g_autoptr(GHashTable) words = words_of(folded->text);
	GHashTableIter each;
	gpointer word;
	guint common = 0;
	g_hash_table_iter_init(&each, words);
	while (g_hash_table_iter_next(&each, &word, NULL))
		common += g_hash_table_contains(text, word);
	guint all = g_hash_table_size(words);
	return all > 1 ? (double)common / all : 0;
}

static void
find_nearest_example(Finding *finding, GHashTable *words)
{
	const GPtrArray *examples = finding->signature->match;
	for (guint i = 0; i < examples->len; i++) {
		double likeness = likeness_of(examples->pdata[i], words);
		if (likeness <= finding->likeness)
			continue;
		finding->likeness = likeness;
		finding->example = examples->pdata[i];
	}
}

/* What a customer pastes may be words, a window's text or a server's; the origin that fits
 * the signature best is taken. */
static guint
failures_by_origin(const Trial *trial, const Finding *finding, Utterance *utterance,
        gsize *start, gsize *end)
{
	static const Origin customer[] = { ORIGIN_WORDS, ORIGIN_DIALOG, ORIGIN_PASTED };
	utterance->origin = trial->origin;
	for (gsize i = 0; trial->origin == ORIGIN_WORDS && i < G_N_ELEMENTS(customer);
	        i++) {
		if ((finding->signature->where & 1u << customer[i]) != 0)
			utterance->origin = customer[i];
	}
	return signature_failures(finding->signature, utterance, start, end);
}

/* A claim is taken back when the text also says the opposite. */
static gboolean
needs_fail(const Trial *trial, const Vocabulary *vocabulary, const Signature *signature)
{
	if (signature->needs < 0)
		return FALSE;
	return !passages_say(trial->passages, vocabulary, (Cue)signature->needs) ||
	       (signature->needs == CUE_CLAIM_NOT_SENT &&
	               passages_say(trial->passages, vocabulary, CUE_CLAIM_SENT));
}

static Finding *
hold(const Trial *trial, const Workbench *workbench, const Class *class,
        const Signature *signature, const Segment *segment)
{
	gsize start, end;
	Finding *finding = g_new0(Finding, 1);
	finding->class = class;
	finding->signature = signature;
	finding->segment = segment;
	finding->refused_by = evidence_refuser(segment, workbench->settings);
	Utterance utterance = { .text = segment->folded,
		.code = segment->code[0] != '\0' ? segment->code : NULL,
		.status = segment->status[0] != '\0' ? segment->status : NULL,
		.refused_by = finding->refused_by };
	finding->failures =
	        failures_by_origin(trial, finding, &utterance, &start, &end);
	if (needs_fail(trial, workbench->catalogue->vocabulary, signature))
		finding->failures |= 1u << CONDITION_NEEDS;
	if ((finding->failures & 1u << CONDITION_TEXT) == 0)
		finding->matched =
		        g_strndup(segment->folded->text + start, end - start);
	return finding;
}

static guint
count_failures(const Finding *finding)
{
	return (guint)__builtin_popcount(finding->failures);
}

/* Whether only little is missing: all but the text, which is much like an example; or the
 * text is there, and something around it is not. */
static gboolean
is_near(const Finding *finding)
{
	const Signature *signature = finding->signature;
	if ((finding->failures & 1u << CONDITION_TEXT) == 0)
		return signature->text != NULL && finding->failures != 0;
	gboolean with_code = signature->code != NULL || signature->status != NULL;
	return count_failures(finding) == 1 &&
	       finding->likeness >= (with_code ? LIKENESS_MIN_WITH_CODE : LIKENESS_MIN);
}

static int
compare_near(gconstpointer one, gconstpointer other)
{
	const Finding *first = *(const Finding *const *)one;
	const Finding *second = *(const Finding *const *)other;
	gboolean first_text = (first->failures & 1u << CONDITION_TEXT) != 0;
	gboolean second_text = (second->failures & 1u << CONDITION_TEXT) != 0;
	if (first_text != second_text)
		return first_text - second_text;
	if (count_failures(first) != count_failures(second))
		return count_failures(first) < count_failures(second) ? -1 : 1;
	if (first->likeness != second->likeness)
		return first->likeness > second->likeness ? -1 : 1;
	return (int)first->signature->layer - (int)second->signature->layer;
}

static const Evidence *
evidence_of(const Trial *trial, const Class *class, const Signature *signature)
{
	g_autofree char *name = g_strdup_printf("%s/%s", class->id, signature->id);
	for (guint i = 0; i < trial->kase->evidence->len; i++) {
		const Evidence *evidence = trial->kase->evidence->pdata[i];
		if (g_strcmp0(evidence->signature, name) == 0)
			return evidence;
	}
	return NULL;
}

/* The segment that a signature comes nearest to. */
static Finding *
hold_all(const Trial *trial, const Workbench *workbench, const Class *class,
        const Signature *signature, GHashTable **words)
{
	Finding *best = NULL;
	for (guint i = 0; i < trial->segments->len; i++) {
		Finding *finding = hold(
		        trial, workbench, class, signature, trial->segments->pdata[i]);
		if ((finding->failures & 1u << CONDITION_TEXT) != 0)
			find_nearest_example(finding, words[i]);
		if (best != NULL && compare_near(&best, &finding) <= 0) {
			finding_free(finding);
			continue;
		}
		g_clear_pointer(&best, finding_free);
		best = finding;
	}
	return best;
}

static void
sort_finding(Trial *trial, Finding *finding)
{
	const Evidence *evidence =
	        evidence_of(trial, finding->class, finding->signature);
	if (evidence != NULL) {
		/* a piece of the segment may hit where the whole does not */
		finding->failures = 0;
		finding->dropped = evidence->dropped;
		if (finding->matched == NULL)
			finding->matched = g_strdup(evidence->text);
		g_ptr_array_add(trial->hits, finding);
	} else if (is_near(finding)) {
		g_ptr_array_add(trial->near, finding);
	} else {
		finding_free(finding);
	}
}

static int
compare_hits(gconstpointer one, gconstpointer other)
{
	const Signature *first = (*(const Finding *const *)one)->signature;
	const Signature *second = (*(const Finding *const *)other)->signature;
	if (first->layer != second->layer)
		return (int)first->layer - (int)second->layer;
	return (first->confidence < second->confidence) -
	       (first->confidence > second->confidence);
}

static void
find_all(Trial *trial, const Workbench *workbench)
{
	const GPtrArray *classes = workbench->catalogue->classes;
	g_autofree GHashTable **words = g_new0(GHashTable *, trial->segments->len + 1);
	for (guint i = 0; i < trial->segments->len; i++)
		words[i] = words_of(
		        ((const Segment *)trial->segments->pdata[i])->folded->text);
	for (guint i = 0; i < classes->len && trial->segments->len > 0; i++) {
		const Class *class = classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++)
			sort_finding(
			        trial, hold_all(trial, workbench, class,
			                       class->signatures->pdata[j], words));
	}
	for (guint i = 0; i < trial->segments->len; i++)
		g_hash_table_unref(words[i]);
	g_ptr_array_sort(trial->hits, compare_hits);
	g_ptr_array_sort(trial->near, compare_near);
	if (trial->near->len > TRIAL_NEAR_MAX)
		g_ptr_array_set_size(trial->near, TRIAL_NEAR_MAX);
}

static Passage *
only_passage(const char *text, Origin origin)
{
	gsize length = strlen(text);
	if (length > TRIAL_TEXT_MAX)
		length = (gsize)(g_utf8_find_prev_char(text, text + TRIAL_TEXT_MAX) -
		                 text);
	Passage *passage = passage_new(text, length, "1", origin, 1);
	passage->machine = origin == ORIGIN_REPORT;
	return passage;
}

Trial *
trial_new(const Workbench *workbench, const char *text, Origin origin)
{
	Trial *trial = g_new0(Trial, 1);
	Passage *passage = only_passage(text, origin);
	trial->origin = origin;
	trial->hits = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	trial->near = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	trial->passages = passages_new();
	g_ptr_array_add(trial->passages->passages, passage);
	trial->segments = segments_of(passage);
	trial->kase = case_new();
	g_clear_pointer(&trial->kase->evidence, g_ptr_array_unref);
	trial->kase->evidence = evidence_collect(
	        trial->passages, workbench->catalogue, workbench->settings);
	classify(trial->kase, trial->passages, workbench->catalogue);
	find_all(trial, workbench);
	return trial;
}
