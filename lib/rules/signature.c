#include "rules/signature.h"

#include <string.h>

#include "rules/problems.h"

/* How far from a hit, in bytes, an exception is looked for. */
#define UNLESS_REACH 200
/* How many hits are tried until one stands without an exception. */
#define HITS_TRIED_MAX 20

const char *const layer_names[] = { "site", "provider", "client", "generic", "words",
	"status", "code", NULL };
const char *const origin_names[] = { "report", "attached", "forwarded", "pasted",
	"dialog", "words", "screenshot", "subject", "quoted", NULL };
const char *const refused_by_names[] = { "any", "provider", "remote", NULL };
const char *const condition_names[] = { "where", "refused_by", "code", "status", "text",
	"unless", "needs", NULL };

G_STATIC_ASSERT(G_N_ELEMENTS(layer_names) == LAYER_COUNT + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(origin_names) == ORIGIN_COUNT + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(condition_names) == CONDITION_COUNT + 1);

static const double layer_confidences[LAYER_COUNT] = {
	[LAYER_SITE] = 0.97,
	[LAYER_PROVIDER] = 0.97,
	[LAYER_CLIENT] = 0.95,
	[LAYER_GENERIC] = 0.90,
	[LAYER_WORDS] = 0.75,
	[LAYER_STATUS] = 0.60,
	[LAYER_CODE] = 0.40,
};

const char *
layer_name(Layer layer)
{
	return layer_names[layer];
}

const char *
origin_name(Origin origin)
{
	return origin_names[origin];
}

double
layer_confidence(Layer layer)
{
	return layer_confidences[layer];
}

void
signature_free(Signature *signature)
{
	if (signature == NULL)
		return;
	g_free(signature->id);
	g_free(signature->code);
	g_free(signature->status);
	pattern_free(signature->text);
	pattern_free(signature->unless);
	g_free(signature->file);
	g_clear_pointer(&signature->match, g_ptr_array_unref);
	g_clear_pointer(&signature->no_match, g_ptr_array_unref);
	g_free(signature);
}

/* "5xx" and "5.7.x": a run of x stands for the digits of one place. */
static gboolean
mask_matches(const char *mask, const char *digits)
{
	while (*mask != '\0' && *digits != '\0') {
		if (*mask == 'x' && mask[1] != 'x') {
			gsize run = strspn(digits, "0123456789");
			if (run == 0)
				return FALSE;
			digits += run;
		} else if (*mask == 'x' ? !g_ascii_isdigit(*digits)
		                        : *mask != *digits) {
			return FALSE;
		} else {
			digits++;
		}
		mask++;
	}
	return *mask == '\0' && *digits == '\0';
}

static gboolean
mask_allows(const char *mask, const char *digits)
{
	return mask == NULL || (digits != NULL && mask_matches(mask, digits));
}

static gboolean
codes_match(const Signature *signature, const char *code, const char *status)
{
	return mask_allows(signature->code, code) &&
	       mask_allows(signature->status, status);
}

/* Whether the exception stands near the hit. An utterance may be a whole paragraph: what is
 * said at its other end is not about this hit. */
static gboolean
is_excepted(const Signature *signature, const Utterance *utterance, PatternFinder find,
        gsize start, gsize end)
{
	const FoldedText *text = utterance->text;
	if (signature->unless == NULL ||
	        (utterance->index != NULL &&
	                !pattern_index_may(utterance->index, utterance->unless_group,
	                        text->text, text->length)))
		return FALSE;
	gsize from = start > UNLESS_REACH ? start - UNLESS_REACH : 0;
	gsize stop = MIN(text->length, end + UNLESS_REACH), to = 0;
	return find(signature->unless, text->text, stop, &from, &to);
}

static gboolean
find_text(const Signature *signature, const Utterance *utterance, PatternFinder find,
        gsize *start, gsize *end)
{
	const FoldedText *text = utterance->text;
	if (utterance->index != NULL)
		return pattern_index_find(utterance->index, utterance->group,
		        text->text, text->length, start, end);
	return find(signature->text, text->text, text->length, start, end);
}

static gboolean
text_matches(const Signature *signature, const Utterance *utterance, PatternFinder find,
        gsize *start, gsize *end)
{
	const FoldedText *text = utterance->text;
	*start = 0;
	*end = text->length;
	if (signature->text == NULL)
		return !is_excepted(signature, utterance, find, *start, *end);
	for (guint i = 0; i < HITS_TRIED_MAX; i++) {
		if (!find_text(signature, utterance, find, start, end))
			return FALSE;
		if (!is_excepted(signature, utterance, find, *start, *end))
			return TRUE;
		*start = MAX(*end, *start + 1);
	}
	return FALSE;
}

/* Mostly nobody knows who refused, and then it may well have been the provider. */
static gboolean
refuser_matches(const Signature *signature, RefusedBy refused_by)
{
	switch (signature->refused_by) {
	case REFUSED_BY_ANY: return TRUE;
	case REFUSED_BY_PROVIDER: return refused_by != REFUSED_BY_REMOTE;
	case REFUSED_BY_REMOTE: return refused_by == REFUSED_BY_REMOTE;
	}
	return FALSE;
}

gboolean
signature_matches(const Signature *signature, const Utterance *utterance, gsize *start,
        gsize *end)
{
	if ((signature->where & (1u << utterance->origin)) == 0)
		return FALSE;
	if (!refuser_matches(signature, utterance->refused_by))
		return FALSE;
	return codes_match(signature, utterance->code, utterance->status) &&
	       text_matches(signature, utterance, pattern_find, start, end);
}

/* Which of the two keeps the text from matching. */
static Condition
text_failure(
        const Signature *signature, const FoldedText *text, gsize *start, gsize *end)
{
	*start = *end = 0;
	gboolean found =
	        signature->text == NULL ||
	        pattern_find(signature->text, text->text, text->length, start, end);
	return found ? CONDITION_UNLESS : CONDITION_TEXT;
}

guint
signature_failures(const Signature *signature, const Utterance *utterance, gsize *start,
        gsize *end)
{
	guint failures = 0;
	if ((signature->where & (1u << utterance->origin)) == 0)
		failures |= 1u << CONDITION_WHERE;
	if (!refuser_matches(signature, utterance->refused_by))
		failures |= 1u << CONDITION_REFUSED_BY;
	if (!mask_allows(signature->code, utterance->code))
		failures |= 1u << CONDITION_CODE;
	if (!mask_allows(signature->status, utterance->status))
		failures |= 1u << CONDITION_STATUS;
	if (!text_matches(signature, utterance, pattern_find, start, end))
		failures |= 1u << text_failure(signature, utterance->text, start, end);
	return failures;
}

static gboolean
example_matches(const Signature *signature, const char *example)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	gsize start, end;
	g_autoptr(FoldedText) text = text_fold(example, -1, TRUE);
	const Utterance utterance = { .text = text };
	utterance_codes(example, code, status);
	return codes_match(signature, code, status) &&
	       text_matches(signature, &utterance, pattern_find_once, &start, &end);
}

static void
check_examples(const Signature *signature, const GPtrArray *examples, gboolean wanted,
        Problems *problems)
{
	for (guint i = 0; i < examples->len; i++) {
		const char *example = examples->pdata[i];
		if (example_matches(signature, example) != wanted)
			problems_add(problems, signature->file, signature->line,
			        "signature '%s': example '%s' %s", signature->id,
			        example,
			        wanted ? "does not match" : "matches and must not");
	}
}

gboolean
signature_check(const Signature *signature, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	check_examples(signature, signature->match, TRUE, problems);
	check_examples(signature, signature->no_match, FALSE, problems);
	return problems_none(problems, error);
}
