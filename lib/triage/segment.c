#include "triage/segment.h"

#include <string.h>

#include "base/fold.h"

#define SEGMENT_TEXT_MAX 4000 /* bytes; longer paragraphs are cut between lines */
#define LINE_BYTES_MAX 2000   /* longer lines are cut between words */
#define SEGMENTS_MAX 1000     /* of one passage */

/* A line of a passage, trimmed, with what it says as an SMTP reply. */
typedef struct {
	const char *start;
	gsize length;
	guint number;
	gboolean indented;
	gboolean whole; /* not a part of one that is too long */
	gboolean coded; /* it may have a code or a status */
	char code[REPLY_CODE_SIZE];
	char status[REPLY_STATUS_SIZE];
} Line;

static void
segment_free(Segment *segment)
{
	g_string_free(segment->text, TRUE);
	g_array_unref(segment->starts);
	g_array_unref(segment->lines);
	folded_text_free(segment->folded);
	g_free(segment);
}

/* Segments under way. A passage is folded once: what a segment folds to is taken from there, line
 * by line. */
typedef struct {
	const Passage *passage;
	GPtrArray *segments; /* those that are closed */
	Segment *segment;    /* the one that grows */
	gsize length;        /* of its text */
	guint count;         /* of segments, with those that are passed over */
	gboolean skip;       /* it is */
	Fold fold;           /* of it */
	gsize folded;        /* how much of the passage's folded text lies behind */
	gboolean whole;      /* all its lines are: else it is folded anew */
	gboolean coded;      /* any of its lines is */
} Cutter;

static void
cutter_begin(Cutter *cutter)
{
	Segment *segment = g_new0(Segment, 1);
	segment->passage = cutter->passage;
	segment->text = g_string_new(NULL);
	segment->starts = g_array_new(FALSE, FALSE, sizeof(gsize));
	segment->lines = g_array_new(FALSE, FALSE, sizeof(guint));
	cutter->segment = segment;
	cutter->fold.length = 0;
	cutter->whole = TRUE;
	cutter->coded = FALSE;
}

/* The first byte of the passage's folded text that comes from source's offset or behind it, and
 * stands no earlier than from. Most likely it is guess. */
static gsize
folded_place(const FoldedText *folded, gsize offset, gsize from, gsize guess)
{
	gsize low = from, high = folded->length;
	if (guess > from && guess < high && folded->offsets[guess] >= offset &&
	        folded->offsets[guess - 1] < offset)
		return guess;
	while (low < high) {
		gsize middle = (low + high) / 2;
		if (folded->offsets[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of a fixed count the compiler makes two additions. */
static inline void
move_eight(guint32 *offsets, guint32 by)
{
	for (guint i = 0; i < 8; i++)
		offsets[i] += by;
}

/* Move where bytes come from. */
static void
move_offsets(guint32 *offsets, gsize count, guint32 by)
{
	for (; count >= 8; count -= 8, offsets += 8)
		move_eight(offsets, by);
	for (; count > 0; count--)
		*offsets++ += by;
}

/* Take over what a piece of the passage, which begins at a place of the segment's text, folds
 * to. */
static void
cutter_fold(Cutter *cutter, const char *piece, gsize length, gsize place)
{
	const FoldedText *folded = cutter->passage->folded;
	Fold *fold = &cutter->fold;
	gsize offset = (gsize)(piece - cutter->passage->text);
	gsize from = folded_place(folded, offset, cutter->folded, cutter->folded + 1);
	gsize to = folded_place(folded, offset + length, from, from + length);
	cutter->folded = to;
	if (fold->length > 0 && fold->text[fold->length - 1] != ' ') {
		guint32 joint = (guint32)place - 1;
		fold_put_run(fold, " ", 1, &joint);
	}
	from += from < to && folded->text[from] == ' ';
	gsize begin = fold->length;
	fold_put_run(fold, folded->text + from, to - from, folded->offsets + from);
	move_offsets(fold->offsets + begin, to - from, (guint32)(place - offset));
}

/* How much of the line's head repeats the reply's code and status: "550-5.7.26 ". */
static gsize
repeated_prefix(const Segment *segment, const Line *line)
{
	if (segment->code[0] == '\0' || line->length < 4 ||
	        strncmp(line->start, segment->code, 3) != 0 ||
	        strchr("- ", line->start[3]) == NULL)
		return 0;
	gsize length = 4;
	gsize status = strlen(segment->status);
	if (status > 0 && line->length > length + status &&
	        strncmp(line->start + length, segment->status, status) == 0)
		length += status;
	while (length < line->length && line->start[length] == ' ')
		length++;
	return length;
}

/* Of header lines only the subject and a report's own fields speak of the error. */
static gboolean
is_worth_reading(const Passage *passage, const Line *line)
{
	static const char *const names[] = {
		"Subject:", "Diagnostic-Code:", "Status:", "Action:"
	};
	for (gsize i = 0; passage->headers && i < G_N_ELEMENTS(names); i++) {
		gsize length = strlen(names[i]);
		if (line->length >= length &&
		        g_ascii_strncasecmp(line->start, names[i], length) == 0)
			return TRUE;
	}
	return !passage->headers;
}

static void
read_codes(Line *line)
{
	line->code[0] = line->status[0] = '\0';
	line->coded = utterance_may_have_codes(line->start, line->length);
	if (line->coded) {
		g_autofree char *text = g_strndup(line->start, line->length);
		utterance_codes(text, line->code, line->status);
	}
}

static void
cutter_take(Cutter *cutter, const Line *line)
{
	Segment *segment = cutter->segment;
	gsize skip = segment->text->len > 0 ? repeated_prefix(segment, line) : 0;
	if (segment->text->len > 0)
		g_string_append_c(segment->text, ' ');
	cutter->whole &= line->whole;
	cutter->coded |= line->coded;
	if (cutter->whole)
		cutter_fold(cutter, line->start + skip, line->length - skip,
		        segment->text->len);
	g_array_append_val(segment->starts, segment->text->len);
	g_array_append_val(segment->lines, line->number);
	g_string_append_len(
	        segment->text, line->start + skip, (gssize)(line->length - skip));
	if (segment->code[0] == '\0')
		memcpy(segment->code, line->code, sizeof segment->code);
	if (segment->status[0] == '\0')
		memcpy(segment->status, line->status, sizeof segment->status);
}

static void
cutter_add(Cutter *cutter, Line *line)
{
	if (cutter->length == 0)
		cutter->skip = !is_worth_reading(cutter->passage, line);
	cutter->length += line->length + (cutter->length > 0);
	if (cutter->skip)
		return;
	if (cutter->passage->headers)
		read_codes(line);
	cutter_take(cutter, line);
	cutter->length = cutter->segment->text->len;
}

static gboolean
differs(const char *a, const char *b)
{
	return *a != '\0' && *b != '\0' && strcmp(a, b) != 0;
}

/* Whether a line begins something new: another reply, or more than one segment holds. */
static gboolean
line_begins_segment(const Cutter *cutter, Line *line)
{
	const Segment *segment = cutter->segment;
	if (!cutter->passage->headers)
		read_codes(line);
	if (cutter->length + line->length > SEGMENT_TEXT_MAX)
		return TRUE;
	if (cutter->passage->headers)
		return !line->indented;
	return differs(segment->code, line->code) ||
	       differs(segment->status, line->status);
}

/* "0x 8004210 a" -> "0x8004210a": the number of digits of a client code is always eight. */
static gsize
client_code_span(const char *text, gsize length, char digits[8])
{
	gsize at = 0, count = 0;
	if (length < 10 || text[at++] != '0')
		return 0;
	at += text[at] == ' ';
	if (text[at++] != 'x')
		return 0;
	while (at < length && count < 8 &&
	        (g_ascii_isxdigit(text[at]) || text[at] == ' ')) {
		if (text[at] != ' ')
			digits[count++] = text[at];
		at++;
	}
	return count == 8 ? at : 0;
}

/* The next client code at or behind a byte, its length in span; the text's end when there is
 * none. */
static gsize
find_client_code(const FoldedText *folded, gsize from, gsize *span, char digits[8])
{
	*span = 0;
	while (from < folded->length) {
		const char *zero =
		        memchr(folded->text + from, '0', folded->length - from);
		if (zero == NULL)
			return folded->length;
		from = (gsize)(zero - folded->text);
		*span = client_code_span(zero, folded->length - from, digits);
		if (*span > 0)
			return from;
		from++;
	}
	return folded->length;
}

/* Move what stands between two codes to its new place. */
static gsize
move_folded(FoldedText *folded, gsize to, gsize from, gsize length)
{
	memmove(folded->text + to, folded->text + from, length);
	memmove(folded->offsets + to, folded->offsets + from,
	        length * sizeof *folded->offsets);
	return to + length;
}

static void
join_client_codes(FoldedText *folded)
{
	char digits[8];
	gsize span = 0, from = 0;
	gsize at = find_client_code(folded, 0, &span, digits), to = at;
	if (span == 0)
		return;
	while (span > 0) {
		guint32 offset = folded->offsets[at];
		memcpy(folded->text + to, "0x", 2);
		memcpy(folded->text + to + 2, digits, sizeof digits);
		for (gsize i = 0; i < 2 + sizeof digits; i++)
			folded->offsets[to++] = offset;
		from = at + span;
		at = find_client_code(folded, from, &span, digits);
		to = move_folded(folded, to, from, at - from);
	}
	folded->offsets[to] = folded->offsets[folded->length];
	folded->text[to] = '\0';
	folded->length = to;
}

/* What the segment folds to, out of the lines that were taken over. */
static FoldedText *
cutter_folded(Cutter *cutter)
{
	const GString *text = cutter->segment->text;
	Fold *fold = &cutter->fold;
	if (!cutter->whole)
		return text_fold(text->str, (gssize)text->len, TRUE);
	fold->length -= fold->length > 0 && fold->text[fold->length - 1] == ' ';
	FoldedText *folded = g_new(FoldedText, 1);
	*folded = (FoldedText){ g_memdup2(fold->text, fold->length + 1), fold->length,
		g_memdup2(fold->offsets, (fold->length + 1) * sizeof *fold->offsets) };
	folded->text[folded->length] = '\0';
	folded->offsets[folded->length] = (guint32)text->len;
	return text_fold_tokens(folded);
}

static void
cutter_close(Cutter *cutter)
{
	Segment *segment = cutter->segment;
	gboolean empty = cutter->length == 0;
	cutter->length = 0;
	cutter->count += !empty;
	if (empty || cutter->skip)
		return;
	segment->folded = cutter_folded(cutter);
	join_client_codes(segment->folded);
	/* A code and its status may have stood on two lines. */
	if (cutter->coded)
		utterance_codes(segment->text->str, segment->code, segment->status);
	g_ptr_array_add(cutter->segments, segment);
	cutter_begin(cutter);
}

/* Where a line that is too long is cut: behind its last word that fits. */
static const char *
line_cut(const char *start)
{
	const char *cut = start + LINE_BYTES_MAX;
	while (cut > start && !g_ascii_isspace(*cut))
		cut--;
	return cut > start ? cut : start + LINE_BYTES_MAX;
}

/* The next line, trimmed; FALSE at the end. *at moves behind it. */
static gboolean
next_line(const Passage *passage, const char **at, guint *index, Line *line)
{
	if (**at == '\0')
		return FALSE;
	const char *start = *at;
	const char *stop = start + strcspn(start, "\n");
	guint number = *index;
	line->whole = (start == passage->text || start[-1] == '\n') &&
	              stop - start <= LINE_BYTES_MAX;
	if (stop - start > LINE_BYTES_MAX) {
		stop = *at = line_cut(start);
	} else {
		*at = *stop != '\0' ? stop + 1 : stop;
		(*index)++;
	}
	line->indented = start < stop && g_ascii_isspace(*start);
	while (start < stop && g_ascii_isspace(*start))
		start++;
	while (stop > start && g_ascii_isspace(stop[-1]))
		stop--;
	line->start = start;
	line->length = (gsize)(stop - start);
	line->number = passage->lines[MIN(number, passage->line_count - 1)];
	return TRUE;
}

GPtrArray *
segments_of(const Passage *passage)
{
	Cutter cutter = { .passage = passage,
		.segments =
		        g_ptr_array_new_with_free_func((GDestroyNotify)segment_free),
		.fold = fold_new(
		        MIN(passage->folded->length, SEGMENT_TEXT_MAX), TRUE) };
	const char *at = passage->text;
	guint index = 0;
	Line line;
	cutter_begin(&cutter);
	while (cutter.count < SEGMENTS_MAX && next_line(passage, &at, &index, &line)) {
		if (line.length == 0 || line_begins_segment(&cutter, &line))
			cutter_close(&cutter);
		if (line.length > 0)
			cutter_add(&cutter, &line);
	}
	cutter_close(&cutter);
	segment_free(cutter.segment);
	g_free(cutter.fold.text);
	g_free(cutter.fold.offsets);
	return cutter.segments;
}

guint
segment_line(const Segment *segment, gsize offset)
{
	guint line = 0;
	for (guint i = 0; i < segment->starts->len; i++) {
		if (g_array_index(segment->starts, gsize, i) <= offset)
			line = g_array_index(segment->lines, guint, i);
	}
	return line;
}
