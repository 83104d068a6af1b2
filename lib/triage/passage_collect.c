#include "triage/passage.h"

#include <string.h>

#include "mail/lines.h"
#include "mail/section_block.h"
#include "triage/identity.h"
#include "triage/mark.h"

#define PASSAGES_MAX 400
#define PASSAGE_TEXT_MAX (256 * 1024)    /* of one passage, bytes */
#define PASSAGES_TEXT_MAX (512 * 1024)   /* of one mail, bytes */
#define SPLIT_TEXT_MAX (2 * 1024 * 1024) /* of one mail, bytes */
#define NESTING_MAX 16
#define AUTHORS_MAX 10 /* of one block */

/* One mail's level of the walk. */
typedef struct {
	const Mail *mail;
	Origin words; /* what a person's text here is */
	guint depth;
	gboolean machine;
} Level;

typedef struct {
	Passages *out;
	const Settings *settings;
	const Vocabulary *vocabulary;
	const Markers *markers;
	GHashTable *skipped; /* of const Part *: alternatives that say nothing more */
	gsize text_size;     /* bytes kept */
	gsize seen;          /* bytes split into sections, kept or not */
} Collector;

/* Keep a piece of text as a passage; NULL when it is empty or a limit is reached. lines may
 * be NULL: then they count from first_line. */
static Passage *
add_passage(Collector *collector, const char *text, const char *part, Origin origin,
        guint first_line)
{
	Passages *out = collector->out;
	gsize length = text != NULL ? strlen(text) : 0;
	if (length > PASSAGE_TEXT_MAX)
		length = (gsize)(g_utf8_find_prev_char(text, text + PASSAGE_TEXT_MAX) -
		                 text);
	if (length == 0 || out->passages->len >= PASSAGES_MAX ||
	        collector->text_size + length > PASSAGES_TEXT_MAX)
		return NULL;
	collector->text_size += length;

	Passage *passage = passage_new(text, length, part, origin, first_line);
	g_ptr_array_add(out->passages, passage);
	return passage;
}

static void
note_headers(Passages *out, const char *part)
{
	if (out->headers_given)
		return;
	out->headers_given = TRUE;
	out->headers_part = g_strdup(part);
}

static gboolean
header_is_traced(const Header *header)
{
	return header != NULL &&
	       (header_has(header, "Received") || header_has(header, "Return-Path"));
}

/* Take over the reports read from one place, each with its diagnostic as a passage. */
static void
take_reports(Collector *collector, GPtrArray *reports, const Level *level)
{
	g_ptr_array_set_free_func(reports, NULL);
	for (guint i = 0; i < reports->len; i++) {
		Report *report = g_ptr_array_index(reports, i);
		if (report_is_known(collector->out->reports, report)) {
			report_free(report);
			continue;
		}
		g_ptr_array_add(collector->out->reports, report);
		if (report->action == ACTION_NONE)
			continue;
		const char *text = report->diagnostic != NULL ? report->diagnostic
		                                              : report->status;
		Passage *passage = add_passage(
		        collector, text, report->part, ORIGIN_REPORT, report->line);
		if (passage == NULL)
			continue;
		for (guint k = 0; k < passage->line_count; k++)
			passage->lines[k] = report->line;
		passage->depth = level->depth + 1;
		passage->machine = TRUE;
		passage->report = report;
		passage->header = report->original;
	}
	g_ptr_array_unref(reports);
}

/* Reports that stand as text in a section: place them in the section's part. Returns how many
 * there are, known ones included. */
static guint
take_text_reports(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	guint found;
	g_autoptr(Lines) own = section->cut == NULL ? lines_split(section->text) : NULL;
	GPtrArray *reports = reports_read_lines(own != NULL ? own : section->cut,
	        section->kind == SECTION_REPORT, collector->out->reports, &found,
	        collector->markers);
	for (guint i = 0; i < reports->len; i++) {
		Report *report = g_ptr_array_index(reports, i);
		g_free(report->part);
		report->part = g_strdup(part);
		if (report->line >= 1 && report->line <= section->line_count)
			report->line = section->lines[report->line - 1];
		else
			report->line = section->line;
	}
	take_reports(collector, reports, level);
	return found;
}

/* Whether a quoted or forwarded block was written by us. */
static gboolean
block_is_ours(const Collector *collector, const Header *header)
{
	const char *from = header != NULL ? header_get(header, "From") : NULL;
	if (from == NULL || !identity_is_set(collector->settings))
		return FALSE;
	g_autoptr(GPtrArray) list = header_addresses_up_to(from, AUTHORS_MAX);
	for (guint i = 0; i < list->len; i++) {
		const NameAddr *author = g_ptr_array_index(list, i);
		if (identity_is_own(collector->settings, author->address))
			return TRUE;
	}
	const char *name = collector->settings->identity.name;
	return name != NULL && *name != '\0' && g_str_has_prefix(from, name);
}

static Passage *
add_section(Collector *collector, const Section *section, const char *part,
        const Level *level, Origin origin)
{
	Passage *passage =
	        add_passage(collector, section->text, part, origin, section->line);
	if (passage == NULL)
		return NULL;
	for (guint i = 0; i < passage->line_count && i < section->line_count; i++)
		passage->lines[i] = section->lines[i];
	passage->depth = level->depth + section->depth;
	passage->machine = level->machine;
	passage->header = section->header;
	return passage;
}

static Origin
origin_of_words(const Section *section, const Level *level)
{
	if (section->depth == 0 || level->words != ORIGIN_WORDS)
		return level->words;
	return ORIGIN_FORWARDED;
}

static void
take_forward(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	guint reports = take_text_reports(collector, section, part, level);
	/* Without an attribution it is an error text that somebody set off by "> ". */
	Origin forward = section->header != NULL ? ORIGIN_FORWARDED : ORIGIN_PASTED;
	Origin origin = level->words == ORIGIN_WORDS ? forward : level->words;
	Passage *passage = add_section(collector, section, part, level, origin);
	if (passage == NULL)
		return;
	passage->machine = reports > 0 || level->machine;
	passage->ours = block_is_ours(collector, section->header);
}

static void
take_quote(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	Passage *passage = add_section(collector, section, part, level, ORIGIN_QUOTED);
	if (passage == NULL)
		return;
	passage->history = TRUE;
	passage->ours = block_is_ours(collector, section->header);
}

static void
take_headers(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	Origin origin = level->words == ORIGIN_WORDS ? ORIGIN_PASTED : level->words;
	Passage *passage = add_section(collector, section, part, level, origin);
	if (passage != NULL)
		passage->headers = TRUE;
	if (header_is_traced(section->header))
		note_headers(collector->out, part);
}

static void
take_report(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	take_text_reports(collector, section, part, level);
	Origin origin = level->words == ORIGIN_WORDS ? ORIGIN_PASTED : level->words;
	Passage *passage = add_section(collector, section, part, level, origin);
	if (passage != NULL)
		passage->machine = TRUE;
}

static void
take_section(Collector *collector, const Section *section, const char *part,
        const Level *level)
{
	switch (section->kind) {
	case SECTION_WORDS:
		add_section(collector, section, part, level,
		        origin_of_words(section, level));
		break;
	case SECTION_FORWARD: take_forward(collector, section, part, level); break;
	case SECTION_QUOTE: take_quote(collector, section, part, level); break;
	case SECTION_HEADERS: take_headers(collector, section, part, level); break;
	case SECTION_REPORT: take_report(collector, section, part, level); break;
	case SECTION_SIGNATURE: break;
	}
}

static void
take_text(Collector *collector, const Part *part, const Level *level)
{
	Level here = *level;
	if (part->text == NULL)
		return;
	collector->seen += strlen(part->text);
	if (collector->seen > SPLIT_TEXT_MAX)
		return;
	if (part->attachment || part->filename != NULL)
		here.words = ORIGIN_ATTACHED;
	GPtrArray *sections =
	        sections_of_part(part, level->mail->subject, collector->markers);
	g_ptr_array_add(collector->out->sections, sections);
	for (guint i = 0; i < sections->len; i++)
		take_section(
		        collector, g_ptr_array_index(sections, i), part->id, &here);
}

static void
take_header_file(Collector *collector, const Part *part, const Level *level)
{
	note_headers(collector->out, part->id);
	Passage *passage =
	        add_passage(collector, part->text, part->id, ORIGIN_ATTACHED, 1);
	if (passage == NULL)
		return;
	passage->headers = TRUE;
	passage->depth = level->depth;
	passage->machine = level->machine;
}

static gboolean
quotes_history(const Passages *passages)
{
	for (guint i = 0; i < passages->passages->len; i++)
		if (((const Passage *)g_ptr_array_index(passages->passages, i))
		                ->history)
			return TRUE;
	return FALSE;
}

/* Some programs answer without a thread's fields: then the subject and a quote tell. */
static gboolean
is_reply(const Collector *collector, const Mail *mail)
{
	g_autofree char *rest = NULL;
	SubjectKind kind = subject_kind(mail->subject, collector->markers, &rest);

	return header_has(mail->header, "In-Reply-To") ||
	       header_has(mail->header, "References") ||
	       (kind == SUBJECT_REPLY && quotes_history(collector->out));
}

static void
take_subject(Collector *collector, const Mail *mail, const char *part, Origin origin,
        guint depth)
{
	Passage *passage = add_passage(collector, mail->subject, part, origin, 0);
	if (passage == NULL)
		return;
	passage->depth = depth;
	passage->header = mail->header;
	/* "Re: error 553" is what the thread was about, not what is said now. */
	passage->history = origin == ORIGIN_SUBJECT && is_reply(collector, mail);
}

/* The first leaf of a kind in a subtree, not inside a nested mail. */
static const Part *
find_leaf(const Part *part, PartKind kind, guint nesting)
{
	if (part->kind == kind)
		return part;
	if (part->children == NULL || nesting > NESTING_MAX)
		return NULL;
	for (guint i = 0; i < part->children->len; i++) {
		const Part *found = find_leaf(
		        g_ptr_array_index(part->children, i), kind, nesting + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static gsize
ink(const Part *part)
{
	gsize count = 0;
	for (const char *p = part->text; p != NULL && *p != '\0'; p++)
		count += !g_ascii_isspace(*p);
	return count;
}

/* Of a text said twice the plain one is read, unless it is only a stub. */
static void
choose_alternative(Collector *collector, const Part *multipart)
{
	const Part *plain = find_leaf(multipart, PART_TEXT, 0);
	const Part *html = find_leaf(multipart, PART_HTML, 0);
	if (plain == NULL || html == NULL)
		return;
	gboolean stub = ink(plain) * STUB_RATIO < ink(html);
	g_hash_table_add(collector->skipped, (gpointer)(stub ? plain : html));
}

static void take_part(Collector *collector, const Part *part, const Level *level);

static void
take_children(Collector *collector, const Part *part, const Level *level)
{
	if (strcmp(part->type, "multipart/alternative") == 0)
		choose_alternative(collector, part);
	for (guint i = 0; part->children != NULL && i < part->children->len; i++)
		take_part(collector, g_ptr_array_index(part->children, i), level);
}

/* Whether an attached mail gives the failing mail's header. An Outlook item has none of its
 * own, only what was put together from its properties. */
static gboolean
gives_header(const Part *part, const Mail *mail)
{
	g_autofree char *name =
	        g_ascii_strdown(part->filename != NULL ? part->filename : "", -1);
	gboolean outlook = g_str_has_suffix(name, ".msg") ||
	                   g_str_has_suffix(part->type, "ms-outlook") ||
	                   g_str_has_suffix(part->type, "ms-tnef");

	return strcmp(part->type, "message/rfc822") == 0 ||
	       header_is_traced(mail->header) ||
	       (!outlook && !part->own && header_has(mail->header, "Message-ID"));
}

/* The notification of a report; the mail it returns is not what happened. */
static void
take_notification(Collector *collector, const Mail *mail, const Level *level)
{
	const Part *text = find_leaf(mail->root, PART_TEXT, 0);
	if (text == NULL)
		text = find_leaf(mail->root, PART_HTML, 0);
	if (text == NULL)
		return;
	Passage *passage =
	        add_passage(collector, text->text, text->id, level->words, 1);
	if (passage == NULL)
		return;
	passage->depth = level->depth;
	passage->machine = TRUE;
	passage->header = mail->header;
}

static void
take_message(Collector *collector, const Part *part, const Level *level)
{
	const Mail *mail = part->message;
	if (mail == NULL || level->depth >= NESTING_MAX)
		return;
	/* Outlook's winmail.dat holds what the customer wrote here */
	if (part->own && !mail_is_report(mail, collector->markers)) {
		take_part(collector, mail->root, level);
		return;
	}
	if (gives_header(part, mail))
		note_headers(collector->out, part->id);
	Level inner = { .mail = mail,
		.words = ORIGIN_ATTACHED,
		.depth = level->depth + 1,
		.machine = mail_is_report(mail, collector->markers) };

	take_subject(collector, mail, part->id, ORIGIN_ATTACHED, inner.depth);
	GPtrArray *reports = reports_read(mail, collector->markers);
	gboolean reported = reports->len > 0;
	take_reports(collector, reports, &inner);
	if (reported || inner.machine)
		take_notification(collector, mail, &inner);
	else
		take_part(collector, mail->root, &inner);
}

static void
take_part(Collector *collector, const Part *part, const Level *level)
{
	if (g_hash_table_contains(collector->skipped, part))
		return;
	switch (part->kind) {
	case PART_MULTIPART: take_children(collector, part, level); break;
	case PART_TEXT:
	case PART_HTML: take_text(collector, part, level); break;
	case PART_MESSAGE: take_message(collector, part, level); break;
	case PART_HEADERS: take_header_file(collector, part, level); break;
	case PART_IMAGE: g_ptr_array_add(collector->out->images, (gpointer)part); break;
	case PART_UNREADABLE:
		g_ptr_array_add(collector->out->unreadable, (gpointer)part);
		break;
	case PART_DELIVERY_STATUS: /* read with its mail's reports */
	case PART_OTHER: break;
	}
}

/* What the customer says comes first, history last. */
static int
passage_rank(const Passage *passage)
{
	static const int ranks[ORIGIN_COUNT] = {
		[ORIGIN_WORDS] = 0,
		[ORIGIN_DIALOG] = 1,
		[ORIGIN_PASTED] = 1,
		[ORIGIN_REPORT] = 2,
		[ORIGIN_FORWARDED] = 3,
		[ORIGIN_ATTACHED] = 4,
		[ORIGIN_SCREENSHOT] = 5,
		[ORIGIN_SUBJECT] = 6,
		[ORIGIN_QUOTED] = 7,
	};
	return ranks[passage->origin] + (passage->history ? ORIGIN_COUNT : 0);
}

static int
compare_passages(gconstpointer a, gconstpointer b)
{
	const Passage *left = *(const Passage *const *)a;
	const Passage *right = *(const Passage *const *)b;
	int order = passage_rank(left) - passage_rank(right);
	return order != 0 ? order : (int)left->depth - (int)right->depth;
}

Passages *
passages_collect(
        const Mail *mail, const Settings *settings, const Vocabulary *vocabulary)
{
	const Mail *certified = mark_certified_content(mail);
	const Mail *content = certified != NULL ? certified : mail;
	g_autoptr(GHashTable) skipped = g_hash_table_new(NULL, NULL);
	Collector collector = { .out = passages_new(),
		.settings = settings,
		.vocabulary = vocabulary,
		.markers = vocabulary_markers(vocabulary),
		.skipped = skipped };
	Level top = { .mail = content, .words = ORIGIN_WORDS };

	take_reports(&collector, reports_read(content, collector.markers), &top);
	take_part(&collector, content->root, &top);
	take_subject(&collector, content, "0", ORIGIN_SUBJECT, 0);
	/* stable, so that equal passages stay in the order of the mail */
	g_ptr_array_sort(collector.out->passages, compare_passages);
	return collector.out;
}
