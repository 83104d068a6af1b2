#include "triage/evidence.h"

#include <string.h>

#include "triage/evidence_drop.h"
#include "triage/refuser.h"

#define EVIDENCE_MAX 300
/* Folded bytes of one mail that are held against the catalogue; the most direct come first. */
#define READ_MAX (256 * 1024)
/* How far before a hit the words that deny it are looked for. */
#define CONTEXT_BYTES 80
/* A mail program breaks a line when the next word would make it longer than some 72 to 78
 * characters (RFC 5322 2.1.1, RFC 3676 4.2), so no broken line is longer than that. */
#define WRAPPED_MIN 71
#define WRAPPED_MAX 80
#define FIELD_NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"
/* A code this far before the words still belongs to them: a queue id stands between. */
#define CODE_GAP 120

/* How much a piece of each origin says about what happens now. */
static const double origin_weight[ORIGIN_COUNT] = {
	[ORIGIN_REPORT] = 1.0,
	[ORIGIN_ATTACHED] = 0.96,
	[ORIGIN_FORWARDED] = 0.97,
	[ORIGIN_PASTED] = 1.0,
	[ORIGIN_DIALOG] = 1.0,
	[ORIGIN_WORDS] = 0.95,
	[ORIGIN_SCREENSHOT] = 0.0,
	[ORIGIN_SUBJECT] = 0.85,
	[ORIGIN_QUOTED] = 0.75,
};

typedef struct {
	GPtrArray *evidence;
	GPtrArray *
	        matches; /* of char *, one per evidence: the folded text that was hit, or "" */
	const Passages *passages;
	const Catalogue *catalogue;
	const Settings *settings;
	gsize read;        /* bytes so far */
	RefusedBy refuser; /* of the segment that is read */
	/* -1 not asked yet, else whether the person's words hold it */
	gint8 cues[CUE_COUNT];
} Collector;

static gboolean
person_says(Collector *collector, Cue cue)
{
	if (collector->cues[cue] < 0)
		collector->cues[cue] = (gint8)passages_say(
		        collector->passages, collector->catalogue->vocabulary, cue);
	return collector->cues[cue];
}

/* A claim is taken back when the person also says the opposite. */
static gboolean
needs_hold(Collector *collector, const Signature *signature)
{
	if (signature->needs < 0)
		return TRUE;
	if (!person_says(collector, (Cue)signature->needs))
		return FALSE;
	return signature->needs != CUE_CLAIM_NOT_SENT ||
	       !person_says(collector, CUE_CLAIM_SENT);
}

/* "spam detected non compare piu": the words right behind it end what it names. */
static gboolean
is_gone(const Collector *collector, const FoldedText *folded, gsize end)
{
	gsize length = MIN(folded->length - end, CONTEXT_BYTES);
	gsize start = 0, behind = 0;

	return vocabulary_find(collector->catalogue->vocabulary, CUE_GONE,
	        folded->text + end, length, &start, &behind);
}

/* What the words right before and behind a hit make of it: "non e policy violation", "prima
 * mi dava spam detected". NULL when they make nothing of it. */
static const char *
qualification(
        const Collector *collector, const FoldedText *folded, gsize hit, gsize behind)
{
	static const struct {
		Cue cue;
		const char *name;
	} qualifiers[] = { { CUE_NEGATION, "negated" }, { CUE_PAST, "past" } };
	gsize from = hit > CONTEXT_BYTES ? hit - CONTEXT_BYTES : 0;
	for (gsize i = 0; i < G_N_ELEMENTS(qualifiers); i++) {
		gsize start = 0, end = 0;
		if (vocabulary_find(collector->catalogue->vocabulary, qualifiers[i].cue,
		            folded->text + from, hit - from, &start, &end))
			return qualifiers[i].name;
	}
	return is_gone(collector, folded, behind) ? "past" : NULL;
}

static gboolean
is_sentence_end(const char *text, gsize at)
{
	return (strchr(".?!;", text[at]) != NULL && text[at] != '\0' &&
	               (text[at + 1] == ' ' || text[at + 1] == '\0')) ||
	       text[at] == '"';
}

/* The last place of the segment's code that begins at or shortly before a byte, or NULL. */
static const char *
code_before(const Segment *segment, gsize hit)
{
	const char *text = segment->text->str;
	gsize length = strlen(segment->code);
	for (gsize at = hit + 1; length > 0 && at-- > 0 && hit - at <= CODE_GAP;) {
		if (strncmp(text + at, segment->code, length) == 0)
			return text + at;
	}
	return NULL;
}

/* Where the error text around a hit begins: its code, when that stands shortly before it,
 * else the sentence itself. */
static gsize
error_start(const Segment *segment, gsize hit)
{
	const char *text = segment->text->str;
	const char *code = code_before(segment, hit);
	if (code != NULL)
		return (gsize)(code - text);
	while (hit > 0 && !is_sentence_end(text, hit - 1) &&
	        !(text[hit - 1] == ' ' && hit > 1 &&
	                strchr(":;(", text[hit - 2]) != NULL))
		hit--;
	return hit;
}

/* "Arrival-Date: ..." */
static gboolean
is_report_field(const char *line)
{
	gsize name = strspn(line, FIELD_NAME_CHARS);
	return line[name] == ':' && memchr(line, '-', name) != NULL;
}

/* Whether a line of the customer's text ends what stood before it: where no program broke
 * the line before, a capital begins the customer's own sentence. */
static gboolean
begins_anew(const Segment *segment, guint line)
{
	const char *text = segment->text->str;
	gsize start = g_array_index(segment->starts, gsize, line);
	gsize before = start - g_array_index(segment->starts, gsize, line - 1);
	if (segment->passage->origin != ORIGIN_WORDS || start < 2 ||
	        strchr(",;:-(", text[start - 2]) != NULL)
		return FALSE;
	if (is_report_field(text + start))
		return TRUE;
	gsize with_next = before + strcspn(text + start, " ");
	return (with_next < WRAPPED_MIN || before > WRAPPED_MAX) &&
	       g_unichar_isupper(g_utf8_get_char(text + start));
}

static gsize
error_end(const Segment *segment, gsize hit)
{
	const char *text = segment->text->str;
	guint line = 1;
	while (text[hit] != '\0' && !is_sentence_end(text, hit)) {
		hit++;
		while (line < segment->starts->len &&
		        g_array_index(segment->starts, gsize, line) < hit)
			line++;
		if (line < segment->starts->len &&
		        g_array_index(segment->starts, gsize, line) == hit &&
		        begins_anew(segment, line))
			return hit - 1;
	}
	return hit;
}

/* The verbatim error text around the folded bounds of a hit, on one line. */
static char *
error_text(const Segment *segment, gsize hit_start, gsize hit_end, guint *line)
{
	const FoldedText *folded = segment->folded;
	gsize start = folded->offsets[MIN(hit_start, folded->length)];
	gsize end = folded->offsets[MIN(hit_end, folded->length)];
	start = error_start(segment, start);
	end = error_end(segment, MAX(end, start));
	while (segment->text->str[start] == ' ')
		start++;
	*line = segment_line(segment, start);
	g_autofree char *text = g_strndup(segment->text->str + start, end - start);
	return text_one_line(text, EVIDENCE_TEXT_MAX);
}

static gboolean
is_quoted_at(const Segment *segment, gsize hit)
{
	const char *text = segment->folded->text;
	for (gsize i = hit; i > 0 && hit - i < 40; i--) {
		if (text[i - 1] == '"' || text[i - 1] == ':')
			return TRUE;
	}
	return FALSE;
}

/* What a hit among the person's words really is: a window's text, a pasted error, or words. */
static Origin
origin_of_hit(const Segment *segment, const SignatureHit *hit)
{
	Origin origin = segment->passage->origin;
	if (origin != ORIGIN_WORDS)
		return origin;
	switch (hit->signature->layer) {
	case LAYER_CLIENT: return ORIGIN_DIALOG;
	case LAYER_WORDS: return ORIGIN_WORDS;
	case LAYER_SITE:
	case LAYER_PROVIDER:
	case LAYER_GENERIC:
	case LAYER_STATUS:
	case LAYER_CODE:
	case LAYER_COUNT: break;
	}
	if (segment->code[0] != '\0' || segment->status[0] != '\0' ||
	        is_quoted_at(segment, hit->start))
		return ORIGIN_PASTED;
	return ORIGIN_WORDS;
}

static const Evidence *
find_same(const Collector *collector, const char *signature, const char *text)
{
	for (guint i = 0; i < collector->evidence->len; i++) {
		const Evidence *known = g_ptr_array_index(collector->evidence, i);
		if (g_strcmp0(known->signature, signature) == 0 &&
		        (strstr(known->text, text) != NULL ||
		                strstr(text, known->text) != NULL))
			return known;
	}
	return NULL;
}

static Evidence *
add_evidence(Collector *collector, const Segment *segment, const SignatureHit *hit)
{
	guint line = 0;
	gsize start = hit != NULL ? hit->start : 0;
	gsize end = hit != NULL ? hit->end : segment->folded->length;
	g_autofree char *text = error_text(segment, start, end, &line);
	g_autofree char *signature =
	        hit != NULL
	                ? g_strdup_printf("%s/%s", hit->class->id, hit->signature->id)
	                : NULL;
	if (collector->evidence->len >= EVIDENCE_MAX ||
	        find_same(collector, signature, text) != NULL)
		return NULL;

	Evidence *evidence = g_new0(Evidence, 1);
	evidence->part = g_strdup(segment->passage->part);
	evidence->line = line;
	evidence->text = g_steal_pointer(&text);
	evidence->origin = segment->passage->origin;
	evidence->refused_by = collector->refuser;
	evidence->weight = origin_weight[evidence->origin];
	g_ptr_array_add(collector->evidence, evidence);
	g_ptr_array_add(collector->matches, g_strndup(segment->folded->text + start,
	                                            hit != NULL ? end - start : 0));
	if (hit == NULL)
		return evidence;
	evidence->origin = origin_of_hit(segment, hit);
	evidence->class = g_strdup(hit->class->id);
	evidence->signature = g_steal_pointer(&signature);
	evidence->layer = hit->signature->layer;
	evidence->file = g_strdup(hit->signature->file);
	evidence->file_line = hit->signature->line;
	evidence->weight = hit->signature->confidence * origin_weight[evidence->origin];
	return evidence;
}

static void
add_hit(Collector *collector, const Segment *segment, const SignatureHit *hit)
{
	const Passage *passage = segment->passage;
	Evidence *evidence = add_evidence(collector, segment, hit);
	if (evidence == NULL)
		return;
	if (passage->history || passage->ours)
		evidence->dropped = g_strdup("history");
	else if (passage->origin == ORIGIN_WORDS || passage->origin == ORIGIN_SUBJECT)
		evidence->dropped = g_strdup(qualification(
		        collector, segment->folded, hit->start, hit->end));
}

/* The customer's text may hold words, pasted errors and windows; anything else is one thing. */
static guint
origins_to_try(const Passage *passage, Origin origins[3])
{
	origins[0] = passage->origin;
	origins[1] = ORIGIN_DIALOG;
	origins[2] = ORIGIN_PASTED;
	return passage->origin == ORIGIN_WORDS ? 3 : 1;
}

static gboolean
hit_is_known(const GArray *hits, const SignatureHit *hit)
{
	for (guint i = 0; i < hits->len; i++) {
		if (g_array_index(hits, SignatureHit, i).signature == hit->signature)
			return TRUE;
	}
	return FALSE;
}

/* The provider in doubt, since our customers' errors are mostly our servers'. */
static RefusedBy
likely_refuser(RefusedBy refuser)
{
	return refuser == REFUSED_BY_ANY ? REFUSED_BY_PROVIDER : refuser;
}

RefusedBy
evidence_refuser(const Segment *segment, const Settings *settings)
{
	return likely_refuser(refuser_of(settings, segment));
}

/* A stretch of a segment's folded text. */
typedef struct {
	gsize start, end;
} Stretch;

/* Hold a stretch of the segment against the catalogue, as said by any of the origins. */
static void
match_stretch(Collector *collector, const Segment *segment, Stretch stretch,
        const Origin *origins, guint count, GArray *all)
{
	g_autofree char *text = g_strndup(
	        segment->folded->text + stretch.start, stretch.end - stretch.start);
	const FoldedText view = { .text = text,
		.length = stretch.end - stretch.start,
		.offsets = segment->folded->offsets + stretch.start };
	const Utterance utterance = { .text = &view,
		.origin = origins[0],
		.code = segment->code[0] != '\0' ? segment->code : NULL,
		.status = segment->status[0] != '\0' ? segment->status : NULL,
		.refused_by = likely_refuser(collector->refuser) };
	g_autoptr(GArray) hits =
	        catalogue_match_any(collector->catalogue, &utterance, origins, count);
	for (guint i = 0; i < hits->len; i++) {
		SignatureHit hit = g_array_index(hits, SignatureHit, i);
		if (hit_is_known(all, &hit) || !needs_hold(collector, hit.signature))
			continue;
		hit.start += stretch.start;
		hit.end += stretch.start;
		g_array_append_val(all, hit);
	}
}

/* The server's reply in a paragraph of prose; empty when it has none, or is nothing else. */
static Stretch
reply_stretch(const Segment *segment)
{
	const FoldedText *folded = segment->folded;
	const char *code =
	        segment->code[0] != '\0' ? strstr(folded->text, segment->code) : NULL;
	if (code == NULL)
		return (Stretch){ 0, 0 };
	gsize start = (gsize)(code - folded->text);
	gsize end = start;
	while (end < folded->length && !is_sentence_end(folded->text, end))
		end++;
	return (Stretch){ start, end };
}

static GArray *
match_segment(Collector *collector, const Segment *segment)
{
	GArray *hits = g_array_new(FALSE, FALSE, sizeof(SignatureHit));
	Origin origins[3];
	guint count = origins_to_try(segment->passage, origins);
	Stretch whole = { 0, segment->folded->length };
	match_stretch(collector, segment, whole, origins, count, hits);
	/* What the customer writes around the reply must not hide what the server says. */
	Stretch reply = reply_stretch(segment);
	Stretch rest = { reply.start, whole.end };
	const Origin *last = &origins[count - 1];
	if (reply.start > 0)
		match_stretch(collector, segment, rest, last, 1, hits);
	if (reply.end > reply.start && reply.end < whole.end)
		match_stretch(collector, segment, reply, last, 1, hits);
	return hits;
}

/* A reply code with words behind it is an error text, even one that nobody knows. */
static gboolean
is_error_text(const Segment *segment)
{
	if (segment->passage->origin == ORIGIN_REPORT)
		return TRUE;
	return segment->code[0] != '\0' && segment->text->len > strlen("550 x");
}

/* A report's own status completes a diagnostic that has none. */
static void
complete_codes(Segment *segment)
{
	const Report *report = segment->passage->report;
	if (report == NULL)
		return;
	if (segment->code[0] == '\0' && report->reply_code != NULL)
		g_strlcpy(segment->code, report->reply_code, sizeof segment->code);
	if (segment->status[0] == '\0' && report->status != NULL)
		g_strlcpy(segment->status, report->status, sizeof segment->status);
}

static void
collect_segment(Collector *collector, Segment *segment)
{
	complete_codes(segment);
	collector->refuser = refuser_of(collector->settings, segment);
	g_autoptr(GArray) hits = match_segment(collector, segment);
	guint before = collector->evidence->len;
	for (guint i = 0; i < hits->len; i++)
		add_hit(collector, segment, &g_array_index(hits, SignatureHit, i));
	if (collector->evidence->len > before || hits->len > 0 ||
	        !is_error_text(segment))
		return;
	Evidence *evidence = add_evidence(collector, segment, NULL);
	if (evidence != NULL && (segment->passage->history || segment->passage->ours))
		evidence->dropped = g_strdup("history");
}

GPtrArray *
evidence_collect(
        const Passages *passages, const Catalogue *catalogue, const Settings *settings)
{
	g_autoptr(GPtrArray) matches = g_ptr_array_new_with_free_func(g_free);
	Collector collector = {
		.matches = matches,
		.evidence =
		        g_ptr_array_new_with_free_func((GDestroyNotify)evidence_free),
		.passages = passages,
		.catalogue = catalogue,
		.settings = settings,
	};
	memset(collector.cues, -1, sizeof collector.cues);
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		if (passage->canned || collector.read >= READ_MAX)
			continue;
		g_autoptr(GPtrArray) segments = segments_of(passage);
		for (guint k = 0; k < segments->len && collector.read < READ_MAX; k++) {
			Segment *segment = g_ptr_array_index(segments, k);
			collector.read += segment->folded->length;
			collect_segment(&collector, segment);
		}
	}
	evidence_drop_contradicted(collector.evidence, matches);
	return collector.evidence;
}
