#include "mail/section_block.h"

#include <string.h>

#include "base/text.h"
#include "mail/diagnostic.h"

#define CONTINUATION_MAX 8 /* rows of one folded field of a block */
#define BLOCK_ROWS_MAX 40
#define RULE_MIN 10 /* underscores that make a rule */
#define SIGNATURE_ROWS_MAX 12
#define DISCLAIMER_ROWS_MAX 40

static const char *const field_names[LABEL_COUNT] = {
	[LABEL_FROM] = "From",
	[LABEL_TO] = "To",
	[LABEL_CC] = "Cc",
	[LABEL_DATE] = "Date",
	[LABEL_SUBJECT] = "Subject",
	[LABEL_REPLY_TO] = "Reply-To",
};

/* The fields of a block while it is read. */
typedef struct {
	GString *values[LABEL_COUNT];
	guint count;
	gboolean loose; /* a label that people use in lists of their own */
} Block;

static void
block_clear(Block *block)
{
	for (int i = 0; i < LABEL_COUNT; i++)
		if (block->values[i] != NULL)
			g_string_free(block->values[i], TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Block, block_clear)

void
marker_clear(Marker *marker)
{
	g_clear_pointer(&marker->header, header_free);
}

/* "Mario [mailto:m@a.example]" as Outlook writes it, "*Mario*" as bold text comes out. */
static char *
clean_value(const char *raw)
{
	g_autofree char *value = g_strstrip(g_strdup(raw));
	while (g_str_has_prefix(value, "\xc2\xa0") || g_str_has_prefix(value, "*"))
		memmove(value, value + (*value == '*' ? 1 : 2),
		        strlen(value + (*value == '*' ? 1 : 2)) + 1);
	const char *mailto = strstr(value, "[mailto:");
	const char *end = mailto == NULL ? NULL : strchr(mailto, ']');
	if (end != NULL)
		return g_strdup_printf("%.*s<%.*s>%s", (int)(mailto - value), value,
		        (int)(end - mailto - 8), mailto + 8, end + 1);
	return g_strstrip(g_steal_pointer(&value));
}

static Header *
block_header(Block *block)
{
	Header *header = header_new();
	for (int i = 0; i < LABEL_COUNT; i++) {
		if (block->values[i] == NULL)
			continue;
		g_autofree char *value = clean_value(block->values[i]->str);
		if (value[0] != '\0')
			header_put(header, field_names[i], value);
	}
	return header;
}

/* The label that folded begins with, "da:", "*da:*", "oggetto :"; -1 when none. */
static int
label_of(const char *folded, const Markers *markers)
{
	folded += strspn(folded, "*_ ");
	const Phrase *phrase = NULL;
	guint label = LABEL_COUNT;
	while ((phrase = phrase_set_at(
	                markers->sets[MARKERS_LABELS], folded, phrase)) != NULL) {
		gsize length = phrase->length;
		length += strspn(folded + length, "* ");
		if (folded[length] == ':')
			label = MIN(label, phrase->tag);
	}
	return label < LABEL_COUNT ? (int)label : -1;
}

static gboolean
label_is_loose(const char *folded, const Markers *markers)
{
	folded += strspn(folded, "*_ ");
	for (guint i = 0; i < markers->loose_labels->len; i++)
		if (core_begins(folded, markers->loose_labels->pdata[i]))
			return TRUE;
	return FALSE;
}

static int
row_label(const Row *row, const Markers *markers)
{
	return label_of(row->line.folded, markers);
}

static const char *
label_value(const Row *row)
{
	const char *colon = strchr(row->line.text, ':');
	return colon == NULL ? "" : colon + 1 + strspn(colon + 1, " \t*");
}

/* Where in a value another label begins: a capital letter, the label, ':'. */
static const char *
next_label(const char *value, const Markers *markers, int *label)
{
	for (; *value != '\0'; value++) {
		if (!g_ascii_isupper(*value))
			continue;
		gsize length = strcspn(value, ":<>@");
		if (value[length] != ':' || length > 20)
			continue;
		g_autoptr(FoldedText) folded =
		        text_fold(value, (gssize)length + 1, FALSE);
		*label = label_of(folded->text, markers);
		if (*label > LABEL_FROM)
			return value;
	}
	return NULL;
}

/* Yahoo writes the whole block on one line: "X <x@a>A: y@bInviato: ...Oggetto: z". */
static void
split_one_line(Block *block, const Markers *markers)
{
	if (block->count != 1 || block->values[LABEL_FROM] == NULL)
		return;
	g_autofree char *line = g_strdup(block->values[LABEL_FROM]->str);
	int label = LABEL_FROM, next = -1;
	const char *start = line;
	for (;;) {
		const char *end = next_label(start, markers, &next);
		gsize length = end == NULL ? strlen(start) : (gsize)(end - start);
		if (block->values[label] == NULL) {
			block->values[label] = g_string_new(NULL);
			block->count++;
		}
		g_string_truncate(block->values[label], 0);
		g_string_append_len(block->values[label], start, (gssize)length);
		if (end == NULL)
			return;
		label = next;
		start = strchr(end, ':') + 1;
	}
}

static gboolean
label_follows(
        const Rows *rows, guint from, guint to, guint quote, const Markers *markers)
{
	for (guint i = from; i < MIN(to, from + CONTINUATION_MAX); i++) {
		if (rows->at[i].quote != quote || line_is_blank(&rows->at[i].line))
			return FALSE;
		if (row_label(&rows->at[i], markers) >= 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
block_takes_label(Block *block, int label, const char *value)
{
	if (block->values[label] != NULL)
		return FALSE;
	block->values[label] = g_string_new(value);
	block->count++;
	return TRUE;
}

/* Read the fields from row from on; return the row behind them. */
static guint
read_block(const Rows *rows, guint from, guint to, const Markers *markers, Block *block)
{
	guint quote = rows->at[from].quote, i = from;
	int open = -1;
	to = MIN(to, from + BLOCK_ROWS_MAX);
	for (; i < to && rows->at[i].quote == quote; i++) {
		const Row *row = &rows->at[i];
		int label = row_label(row, markers);
		if (line_is_blank(&row->line)) {
			if (i + 1 >= to || rows->at[i + 1].quote != quote ||
			        row_label(&rows->at[i + 1], markers) < 0)
				break;
		} else if (label >= 0) {
			if (!block_takes_label(block, label, label_value(row)))
				break;
			block->loose |= label_is_loose(row->line.folded, markers);
			open = label;
		} else if (open >= 0 &&
		           (row->line.indent > 0 ||
		                   label_follows(rows, i + 1, to, quote, markers))) {
			g_string_append_printf(
			        block->values[open], " %s", line_words(&row->line));
		} else {
			break;
		}
	}
	split_one_line(block, markers);
	return i;
}

static gboolean
block_is_sure(const Block *block, gboolean under_marker)
{
	gboolean from = block->values[LABEL_FROM] != NULL;
	gboolean subject = block->values[LABEL_SUBJECT] != NULL;
	gboolean date = block->values[LABEL_DATE] != NULL;
	if (under_marker)
		return block->count >= 2 || from;
	return !block->loose && from && subject &&
	       (date || block->values[LABEL_TO] != NULL) && block->count >= 3;
}

/* Read the block at or behind blank rows from from on into the marker. */
static gboolean
take_block(const Rows *rows, guint from, guint to, gboolean under_marker,
        const Markers *markers, Marker *marker)
{
	guint start = under_marker ? rows_filled(rows, from, to) : from;
	g_auto(Block) block = { 0 };
	if (start >= to || row_label(&rows->at[start], markers) < 0)
		return FALSE;
	guint end = read_block(rows, start, to, markers, &block);
	if (!block_is_sure(&block, under_marker))
		return FALSE;
	marker->body = end;
	marker->header = block_header(&block);
	return TRUE;
}

/* What stands behind the closing dashes of "--- Messaggio inoltrato ---Da: x", or NULL. */
static const char *
behind_dashes(const char *text)
{
	const char *words = text + strspn(text, "- ");
	const char *dashes = words > text ? strstr(words, "---") : NULL;
	return dashes != NULL ? dashes + strspn(dashes, "- ") : NULL;
}

/* Yahoo's block may begin on the marker's own line, and goes on up to a blank one. */
static gboolean
take_block_behind(
        const Rows *rows, guint from, guint to, const Markers *markers, Marker *marker)
{
	const char *rest = behind_dashes(rows->at[from].line.text);
	g_autoptr(FoldedText) folded = rest != NULL ? text_fold(rest, -1, FALSE) : NULL;
	g_auto(Block) block = { 0 };
	if (folded == NULL || label_of(folded->text, markers) != LABEL_FROM)
		return FALSE;
	block_takes_label(&block, LABEL_FROM, strchr(rest, ':') + 1);
	guint i = from + 1;
	to = MIN(to, from + CONTINUATION_MAX);
	for (; i < to && !line_is_blank(&rows->at[i].line); i++)
		g_string_append_printf(
		        block.values[LABEL_FROM], " %s", line_words(&rows->at[i].line));
	split_one_line(&block, markers);
	if (!block_is_sure(&block, TRUE))
		return FALSE;
	marker->body = i;
	marker->header = block_header(&block);
	return TRUE;
}

/* The length of a core without decoration and a colon behind it. */
static gsize
bare_length(const char *core)
{
	gsize length = strlen(core);
	while (length > 0 && strchr("-|*=_#>.: ", core[length - 1]) != NULL)
		length--;
	return length;
}

static gboolean
core_is_phrase(const Line *line, const PhraseSet *phrases)
{
	const char *core = line_core(line);
	gboolean decorated = strchr("-_=*", line->folded[0]) != NULL;
	const Phrase *phrase = NULL;
	while ((phrase = phrase_set_at(phrases, core, phrase)) != NULL) {
		gsize bare = bare_length(core);
		if (phrase->length == bare || (decorated && phrase->length < bare &&
		                                      core_begins(core, phrase->text)))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_rule(const Line *line)
{
	gsize length = strspn(line->folded, "_-");
	return length >= RULE_MIN && line->folded[length] == '\0';
}

gboolean
marker_at(
        const Rows *rows, guint from, guint to, const Markers *markers, Marker *marker)
{
	*marker = (Marker){ .body = from };
	const Line *line = &rows->at[from].line;
	if (line_is_blank(line))
		return FALSE;
	gboolean forward = core_is_phrase(line, markers->sets[MARKERS_FORWARD]);
	gboolean original =
	        !forward && core_is_phrase(line, markers->sets[MARKERS_ORIGINAL]);
	if (forward || original) {
		marker->kind = forward ? MARKER_FORWARD : MARKER_ORIGINAL;
		marker->body = from + 1;
		if (!take_block_behind(rows, from, to, markers, marker))
			take_block(rows, from + 1, to, TRUE, markers, marker);
		return TRUE;
	}
	marker->kind = MARKER_BLOCK;
	if (is_rule(line) && from + 1 < to) {
		guint next = rows_filled(rows, from + 1, to);
		if (next < to && take_block(rows, next, to, FALSE, markers, marker))
			return TRUE;
	}
	if (take_block(rows, from, to, FALSE, markers, marker))
		return TRUE;
	return attribution_at(rows, from, to, markers, marker);
}

static gboolean
is_raw_field(const Line *line, gboolean *trace)
{
	static const char *const traces[] = { "received", "return-path", "delivered-to",
		"authentication-results", "dkim-signature", "x-received", "arc-seal",
		"received-spf", "x-originating-ip", "envelope-to", "x-mailer" };
	gsize length = 0;
	while (g_ascii_isalnum(line->text[length]) || line->text[length] == '-' ||
	        line->text[length] == '_')
		length++;
	if (length < 2 || line->text[length] != ':' || line->text[length + 1] == '/')
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(traces); i++)
		if (strlen(traces[i]) == length &&
		        g_ascii_strncasecmp(traces[i], line->text, length) == 0)
			*trace = TRUE;
	return TRUE;
}

/* Pastes lose the indent of folded fields. */
static gboolean
is_folded_field(const Line *line)
{
	static const char *const openers[] = { "by ", "for ", "with ", "id ", "from ",
		"(", "version=", "b=", "bh=", "h=", "d=", "s=" };
	if (line->indent > 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(openers); i++)
		if (g_str_has_prefix(line->folded, openers[i]))
			return TRUE;
	return FALSE;
}

guint
raw_header_end(const Rows *rows, guint from, guint to, guint *scanned)
{
	guint fields = 0, i = from;
	gboolean trace = FALSE;
	for (; i < to && rows->at[i].quote == rows->at[from].quote; i++) {
		const Line *line = &rows->at[i].line;
		if (line_is_blank(line))
			break;
		if (line->indent == 0 && is_raw_field(line, &trace))
			fields++;
		else if (fields == 0 || !is_folded_field(line))
			break;
	}
	*scanned = trace ? from : i;
	return fields >= 2 && trace ? i : from;
}

/* The row behind the rows of a signature: at most max, up to the next marker or, where an
 * empty row ends it, that. */
static guint
signature_rows(const Rows *rows, guint from, guint to, guint max, gboolean blank_ends,
        const Markers *markers)
{
	guint last = from + 1;
	for (to = MIN(to, from + max); last < to; last++) {
		g_auto(Marker) marker = { 0 };
		const Row *row = &rows->at[last];
		if (row->quote != rows->at[from].quote ||
		        (blank_ends && line_is_blank(&row->line)) ||
		        marker_at(rows, last, to, markers, &marker))
			break;
	}
	return last;
}

guint
signature_end(const Rows *rows, guint from, guint to, const Markers *markers)
{
	const Line *line = &rows->at[from].line;
	const char *core = line_core(line);
	const Phrase *phrase = NULL;
	while ((phrase = phrase_set_at(
	                markers->sets[MARKERS_SIGNATURE], core, phrase)) != NULL)
		if (core_begins(core, phrase->text))
			return signature_rows(
			        rows, from, to, DISCLAIMER_ROWS_MAX, TRUE, markers);
	if (strcmp(line->folded, "--") != 0)
		return from;
	guint last = signature_rows(rows, from, to, SIGNATURE_ROWS_MAX, FALSE, markers);
	/* Two dashes may also set off an error that was pasted. */
	for (guint i = from; i < last; i++)
		if (diagnostic_is_reply(rows->at[i].line.text))
			return from;
	return last;
}

static gsize
prefix_length(const char *folded, const GPtrArray *prefixes)
{
	for (guint i = 0; i < prefixes->len; i++) {
		gsize length = strlen(prefixes->pdata[i]);
		if (strncmp(folded, prefixes->pdata[i], length) != 0)
			continue;
		gsize digits = strspn(folded + length, "[0123456789]");
		length += digits + strspn(folded + length + digits, " ");
		if (folded[length] == ':')
			return length + 1;
	}
	return 0;
}

SubjectKind
subject_kind(const char *subject, const Markers *markers, char **rest)
{
	g_autoptr(FoldedText) folded = text_fold(subject, -1, FALSE);
	const char *text = folded->text;
	SubjectKind kind = SUBJECT_PLAIN;
	for (;;) {
		text += strspn(text, " ");
		gsize reply = prefix_length(text, markers->reply_prefixes);
		gsize forward =
		        reply > 0 ? 0 : prefix_length(text, markers->forward_prefixes);
		if (reply + forward == 0)
			break;
		if (kind == SUBJECT_PLAIN)
			kind = reply > 0 ? SUBJECT_REPLY : SUBJECT_FORWARD;
		text += reply + forward;
	}
	*rest = g_strdup(text);
	return kind;
}
