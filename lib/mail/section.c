#include "mail/section.h"

#include <string.h>

#include "mail/diagnostic.h"
#include "mail/report.h"
#include "mail/report_layout.h"
#include "mail/report_notice.h"
#include "mail/report_text.h"
#include "mail/section_block.h"
#include "mail/section_rows.h"

#define SECTIONS_MAX 400     /* of one text; the rest stays with the last */
#define SECTION_DEPTH_MAX 20 /* quotes in forwards in quotes */
#define BODY_ROWS_MAX 20 /* under a report's header that are searched for its words */
#define PASTED_REPORTS_MAX 20 /* that are looked for in one text */

typedef struct {
	const Rows *rows;
	const Markers *markers;
	SubjectKind subject;
	GPtrArray *sections;
	gboolean borrow; /* sections may borrow from the rows' lines */
	guint reports;   /* looked for so far */
	guint no_header; /* up to this row there is no pasted header */
} Splitter;

/* What the rows at hand belong to. */
typedef struct {
	SectionKind kind; /* WORDS, FORWARD or QUOTE */
	guint depth;
	guint quote;          /* marks of its own rows */
	const Header *header; /* or NULL */
	gboolean shown;       /* a section with the header stands already */
	gboolean attributed; /* an attribution stood here: quoted runs are its pieces */
} Frame;

static void split_rows(Splitter *splitter, Frame *frame, guint from, guint to);

void
section_free(Section *section)
{
	if (section == NULL)
		return;
	g_free(section->text);
	g_free(section->lines);
	lines_free(section->cut);
	header_free(section->header);
	g_free(section);
}

/* Add rows [first, last) as a section; without words and header there is none to add. */
static Section *
add_section(Splitter *splitter, SectionKind kind, const Frame *frame, guint first,
        guint last, const Header *header)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(guint));
	gboolean dedent = kind == SECTION_FORWARD || kind == SECTION_QUOTE;
	char *text = rows_text(splitter->rows, first, last, dedent, lines);
	if (text[0] == '\0' && header == NULL) {
		g_free(text);
		g_array_unref(lines);
		return NULL;
	}
	Section *section = g_new0(Section, 1);
	section->kind = kind;
	section->depth = frame->depth;
	section->text = text;
	section->line_count = lines->len;
	section->lines = (guint *)(gpointer)g_array_free(lines, FALSE);
	guint row = MIN(first, splitter->rows->count - 1);
	section->line = section->line_count > 0 ? section->lines[0]
	                                        : splitter->rows->at[row].line.number;
	section->header = header == NULL ? NULL : header_share(header);
	if (splitter->borrow && (kind == SECTION_FORWARD || kind == SECTION_REPORT))
		section->cut = rows_lines(splitter->rows, first, last, dedent);
	g_ptr_array_add(splitter->sections, section);
	return section;
}

/* Close the frame's own rows. Its header goes with each of them. */
static void
flush(Splitter *splitter, Frame *frame, guint first, guint last)
{
	gboolean blank = rows_filled(splitter->rows, first, last) == last;
	if (blank && (frame->header == NULL || frame->shown))
		return;
	add_section(splitter, frame->kind, frame, first, last, frame->header);
	frame->shown = TRUE;
}

/* The row behind a run of rows with more marks than the frame's own; blank rows between
 * two of them belong to it. */
static guint
run_end(const Splitter *splitter, guint quote, guint from, guint to)
{
	guint last = from;
	for (guint i = from; i < to; i++) {
		if (splitter->rows->at[i].quote > quote)
			last = i + 1;
		else if (!line_is_blank(&splitter->rows->at[i].line))
			break;
	}
	return last;
}

static guint
run_quote(const Splitter *splitter, guint from, guint to)
{
	guint least = G_MAXUINT;
	for (guint i = from; i < to; i++)
		if (!line_is_blank(&splitter->rows->at[i].line))
			least = MIN(least, splitter->rows->at[i].quote);
	return least == G_MAXUINT ? splitter->rows->at[from].quote : least;
}

static gboolean
is_full(const Splitter *splitter, const Frame *frame)
{
	return splitter->sections->len >= SECTIONS_MAX ||
	       frame->depth >= SECTION_DEPTH_MAX;
}

/* A forward is content and a quote is history; what a mail system wrote is content always,
 * and inside a quote everything is history. */
static SectionKind
kind_of_marker(const Splitter *splitter, const Frame *frame, const Marker *marker)
{
	if (frame->kind == SECTION_QUOTE)
		return SECTION_QUOTE;
	if (header_is_report(marker->header, splitter->markers))
		return SECTION_FORWARD;
	switch (marker->kind) {
	case MARKER_FORWARD: return SECTION_FORWARD;
	case MARKER_ATTRIBUTION: return SECTION_QUOTE;
	case MARKER_ORIGINAL:
	case MARKER_BLOCK:
	case MARKER_NONE: break;
	}
	SubjectKind subject = splitter->subject;
	const char *outer =
	        frame->header == NULL ? NULL : header_get(frame->header, "Subject");
	g_autofree char *rest = NULL;
	if (outer != NULL)
		subject = subject_kind(outer, splitter->markers, &rest);
	return subject == SUBJECT_REPLY ? SECTION_QUOTE : SECTION_FORWARD;
}

/* The body of a forward or quote: rows [from, to), whose marks are quote. */
static void
split_body(Splitter *splitter, const Frame *outer, const Marker *marker,
        SectionKind kind, guint from, guint to)
{
	g_autoptr(Header) none = NULL;
	const Header *header = marker->header;
	if (header == NULL && kind == SECTION_QUOTE)
		header = none = header_new();
	Frame frame = { .kind = kind, .depth = outer->depth + 1, .header = header };
	if (from >= to) {
		flush(splitter, &frame, from, from);
		return;
	}
	frame.quote = run_quote(splitter, from, to);
	if (kind == SECTION_FORWARD && header_is_report(header, splitter->markers)) {
		flush(splitter, &frame, from, from);
		add_section(splitter, SECTION_REPORT, &frame, from, to, header);
		return;
	}
	split_rows(splitter, &frame, from, to);
}

/* Take the forward or quote that a marker begins; return the row behind it. Quoted rows are
 * its body, and what follows them is the frame's again; unquoted ones go to the end. */
static guint
take_marker(Splitter *splitter, Frame *frame, const Marker *marker, guint to)
{
	SectionKind kind = kind_of_marker(splitter, frame, marker);
	guint body = rows_filled(splitter->rows, marker->body, to);
	guint end = to;
	if (body < to && splitter->rows->at[body].quote > frame->quote)
		end = run_end(splitter, frame->quote, body, to);
	frame->attributed = frame->attributed || kind == SECTION_QUOTE;
	split_body(splitter, frame, marker, kind, MIN(body, end), end);
	return end;
}

/* Take a quoted run. When nothing announces it, it is the next piece of a quote that was
 * announced, or of a reply's history; in a mail that answers nothing, something pasted. */
static guint
take_run(Splitter *splitter, const Frame *frame, guint from, guint to)
{
	guint end = run_end(splitter, frame->quote, from, to);
	guint first = rows_filled(splitter->rows, from, end);
	g_auto(Marker) marker = { 0 };
	Frame inner = { .kind = frame->kind,
		.depth = frame->depth,
		.quote = run_quote(splitter, from, end) };
	if (marker_at(splitter->rows, first, end, splitter->markers, &marker)) {
		take_marker(splitter, &inner, &marker, end);
		return end;
	}
	gboolean history = frame->kind == SECTION_QUOTE || frame->attributed ||
	                   splitter->subject == SUBJECT_REPLY;
	g_autoptr(Header) none = history ? header_new() : NULL;
	inner.kind = history ? SECTION_QUOTE : SECTION_FORWARD;
	inner.depth++;
	inner.header = none;
	inner.shown = TRUE;
	split_rows(splitter, &inner, first, end);
	return end;
}

/* Rows [from, to) as lines of their own, for the report reader. */
static Lines *
borrow_lines(const Splitter *splitter, guint from, guint to)
{
	Lines *lines = lines_borrow(to - from);
	for (guint i = from; i < to; i++)
		lines->at[i - from] = splitter->rows->at[i].line;
	return lines;
}

static guint
level_end(const Splitter *splitter, const Frame *frame, guint from, guint to)
{
	guint i = from;
	while (i < to && (splitter->rows->at[i].quote == frame->quote ||
	                         line_is_blank(&splitter->rows->at[i].line)))
		i++;
	return i;
}

/* "<a@b>: host x said: 550 no" and "Final-Recipient: rfc822; a@b" need no opening words. */
static gboolean
row_opens_report(const Splitter *splitter, guint i)
{
	static const char *const fields[] = { "reporting-mta:", "final-recipient:",
		"original-recipient:", "diagnostic-code:" };
	const Line *line = &splitter->rows->at[i].line;
	for (gsize k = 0; k < G_N_ELEMENTS(fields); k++)
		if (line->folded[0] == fields[k][0] &&
		        g_str_has_prefix(line->folded, fields[k]))
			return TRUE;
	if (layout_opens(line, splitter->markers) || line_is_log(line))
		return TRUE;
	const char *text = line_words(line);
	gsize start = 0, end = 0;
	if (strchr(text, '@') == NULL)
		return FALSE;
	g_autofree char *address = diagnostic_address(text, &start, &end);
	if (address == NULL || start > 0 || text[end] != ':')
		return FALSE;
	return text[0] == '<' || diagnostic_is_reply(text + end);
}

/* The row behind a report that begins at row i, or i. sure: a report's header stands over
 * it, so no opening words are asked. */
static guint
report_end(Splitter *splitter, const Frame *frame, guint i, guint to, gboolean sure)
{
	if (splitter->reports >= PASTED_REPORTS_MAX || i >= to ||
	        (!sure && !row_opens_report(splitter, i)))
		return i;
	splitter->reports++;
	guint end = level_end(splitter, frame, i, to);
	g_autoptr(Lines) lines = borrow_lines(splitter, i, end);
	guint extent = report_text_extent(lines, sure, splitter->markers);
	return i + extent;
}

/* The row behind the boundary and the header of a part of a raw MIME body, or i. */
static guint
part_header_end(const Splitter *splitter, guint i, guint to)
{
	const Row *row = &splitter->rows->at[i];
	if (i + 1 >= to || !g_str_has_prefix(row->line.text, "--") ||
	        !g_str_has_prefix(row[1].line.folded, "content-"))
		return i;
	while (i < to && !line_is_blank(&splitter->rows->at[i].line))
		i++;
	return i;
}

/* Whether what stands under a report's header is its body, and not what the customer says
 * about the header: a part of a MIME body, or words of a known layout near. */
static gboolean
body_is_report(const Splitter *splitter, guint body, guint to)
{
	for (guint i = body; i < MIN(to, body + BODY_ROWS_MAX); i++)
		if (part_header_end(splitter, i, to) > i ||
		        layout_opens(&splitter->rows->at[i].line, splitter->markers))
			return TRUE;
	return FALSE;
}

/* Take pasted fields that begin at row i, and the report whose header they are. */
static guint
take_headers(Splitter *splitter, Frame *frame, guint own, guint i, guint to)
{
	guint end = part_header_end(splitter, i, to);
	if (end == i && i >= splitter->no_header)
		end = raw_header_end(splitter->rows, i, to, &splitter->no_header);
	if (end == i)
		return i;
	flush(splitter, frame, own, i);
	Section *section = add_section(splitter, SECTION_HEADERS, frame, i, end, NULL);
	section->header = header_parse(section->text, strlen(section->text));
	if (!header_is_report(section->header, splitter->markers))
		return end;
	guint body = rows_filled(splitter->rows, end, to);
	gboolean sure = body < to && body_is_report(splitter, body, to);
	guint last = report_end(splitter, frame, body, to, sure);
	if (last > body)
		add_section(splitter, SECTION_REPORT, frame, body, last, NULL);
	return MAX(end, last);
}

/* Take what begins at row i; return the row behind it, or i when it is the frame's own. */
static guint
take_special(Splitter *splitter, Frame *frame, guint own, guint i, guint to)
{
	g_auto(Marker) marker = { 0 };
	if (splitter->rows->at[i].quote > frame->quote) {
		flush(splitter, frame, own, i);
		return take_run(splitter, frame, i, to);
	}
	if (marker_at(splitter->rows, i, to, splitter->markers, &marker)) {
		flush(splitter, frame, own, i);
		return take_marker(splitter, frame, &marker, to);
	}
	gboolean history = frame->kind == SECTION_QUOTE;
	guint end = history ? i : take_headers(splitter, frame, own, i, to);
	if (end > i)
		return end;
	end = history ? i : report_end(splitter, frame, i, to, FALSE);
	SectionKind kind = end > i ? SECTION_REPORT : SECTION_SIGNATURE;
	if (end == i)
		end = signature_end(splitter->rows, i, to, splitter->markers);
	if (end == i)
		return i;
	flush(splitter, frame, own, i);
	const Header *block = kind == SECTION_REPORT ? frame->header : NULL;
	add_section(splitter, kind, frame, i, end, block);
	return end;
}

static void
split_rows(Splitter *splitter, Frame *frame, guint from, guint to)
{
	guint own = from, i = from;
	while (i < to) {
		const Row *row = &splitter->rows->at[i];
		guint end = line_is_blank(&row->line) || is_full(splitter, frame)
		                    ? i
		                    : take_special(splitter, frame, own, i, to);
		if (end > i)
			own = i = end;
		else
			i++;
	}
	flush(splitter, frame, own, to);
}

static SubjectKind
kind_of_subject(const char *subject, const Markers *markers)
{
	g_autofree char *rest = NULL;
	SubjectKind kind = subject_kind(subject != NULL ? subject : "", markers, &rest);
	g_autoptr(Header) header = header_new();
	header_put(header, "Subject", rest);
	/* A reply to a report carries the report, not a history. */
	return kind == SUBJECT_REPLY && header_is_report(header, markers)
	               ? SUBJECT_PLAIN
	               : kind;
}

static GPtrArray *
split(const char *text, const Lines *lines, gboolean borrow, const char *subject,
        const Markers *markers)
{
	g_autoptr(Rows) rows = rows_new(text, lines);
	Splitter splitter = { .rows = rows,
		.markers = markers,
		.borrow = borrow,
		.subject = kind_of_subject(subject, markers),
		.sections =
		        g_ptr_array_new_with_free_func((GDestroyNotify)section_free) };
	Frame frame = { .kind = SECTION_WORDS };
	split_rows(&splitter, &frame, 0, rows->count);
	gboolean words = FALSE;
	for (guint i = 0; i < splitter.sections->len; i++)
		words = words ||
		        ((Section *)splitter.sections->pdata[i])->kind == SECTION_WORDS;
	if (!words) {
		Section *empty = g_new0(Section, 1);
		empty->line = 1;
		empty->text = g_strdup("");
		empty->lines = g_new0(guint, 1);
		g_ptr_array_insert(splitter.sections, 0, empty);
	}
	return splitter.sections;
}

GPtrArray *
sections_split(const char *text, const char *subject, const Markers *markers)
{
	g_autoptr(Lines) lines = lines_split(text);
	return split(text, lines, FALSE, subject, markers);
}

GPtrArray *
sections_of_part(const Part *part, const char *subject, const Markers *markers)
{
	return split(part->text, part_lines(part), TRUE, subject, markers);
}
