/* Headers of the failing mail, and pictures of the error. */
#include <string.h>

#include "base/text.h"
#include "triage/fact.h"

#define SHOT_WIDTH_MIN 300 /* an inline image this large is no signature's logo */
#define SHOT_HEIGHT_MIN 150

static const char *const picture_suffixes[] = { ".png", ".jpg", ".jpeg", ".gif", ".bmp",
	".heic", ".heif", ".webp", ".tif", ".tiff" };
static const char *const document_suffixes[] = { ".pdf", ".doc", ".docx", ".odt",
	".rtf" };

static gboolean
has_suffix(const char *name, const char *const *suffixes, gsize count)
{
	g_autofree char *lower = g_ascii_strdown(name != NULL ? name : "", -1);

	for (gsize i = 0; i < count; i++)
		if (g_str_has_suffix(lower, suffixes[i]))
			return TRUE;
	return FALSE;
}

static gboolean
name_says(const Facts *facts, const char *name, Cue cue)
{
	if (name == NULL)
		return FALSE;
	g_autoptr(FoldedText) folded = text_fold(name, -1, FALSE);
	return fact_cue_in(facts, cue, folded->text, folded->length);
}

/* "image001.png", "Outlook-x.png" */
static gboolean
is_inserted_name(const char *name)
{
	if (g_ascii_strncasecmp(name, "outlook-", strlen("outlook-")) == 0)
		return TRUE;
	if (g_ascii_strncasecmp(name, "image", strlen("image")) != 0)
		return FALSE;
	const char *digits = name + strlen("image");
	return strspn(digits, "0123456789") == 3 && digits[3] == '.';
}

/* Outlook names what stands in a mail's HTML image001.png, Outlook-x.png on the web: a
 * signature's logo, unless it is as large as a window. */
static gboolean
is_logo(const Facts *facts, const Part *part)
{
	if (name_says(facts, part->filename, CUE_LOGO_NAME))
		return TRUE;
	const char *name = part->filename != NULL ? part->filename : "";
	gboolean inserted = is_inserted_name(name);
	gboolean large =
	        part->width >= SHOT_WIDTH_MIN && part->height >= SHOT_HEIGHT_MIN;
	return inserted && !part->attachment && !large;
}

static gboolean
is_screenshot(const Facts *facts, const Part *part)
{
	gboolean picture =
	        part->kind == PART_IMAGE || has_suffix(part->filename, picture_suffixes,
	                                            G_N_ELEMENTS(picture_suffixes));
	gboolean document = has_suffix(
	        part->filename, document_suffixes, G_N_ELEMENTS(document_suffixes));

	if (name_says(facts, part->filename, CUE_SCREENSHOT_NAME))
		return picture || document;
	return picture && !is_logo(facts, part);
}

static void
look_at_part(const Part *part, guint message_depth, gpointer data)
{
	Facts *facts = data;
	FactPlace place = { .origin = ORIGIN_SCREENSHOT, .part = part->id, .line = 0 };

	/* pictures of an attached mail are its author's */
	if (message_depth > 0 || part->kind == PART_MULTIPART ||
	        !is_screenshot(facts, part))
		return;
	fact_add(facts, ITEM_SCREENSHOT,
	        part->filename != NULL ? part->filename : part->type, &place,
	        name_says(facts, part->filename, CUE_SCREENSHOT_NAME) ? WEIGHT_STATED
	                                                              : WEIGHT_MEANT);
}

/* The trace that only a mail's full header has. */
static gboolean
line_is_trace(const char *line)
{
	line += strspn(line, "> \t");
	/* the first letter rules out most lines without a call */
	if (g_ascii_toupper(line[0]) != 'R')
		return FALSE;
	return g_ascii_strncasecmp(line, "Received: ", 10) == 0 ||
	       g_ascii_strncasecmp(line, "Return-Path: ", 13) == 0 ||
	       g_ascii_strncasecmp(line, "Return-Path:<", 13) == 0;
}

static gboolean
passage_has_trace(const Passage *passage, guint *line)
{
	const char *at = passage->text;

	for (guint i = 0; i < passage->line_count && at != NULL; i++) {
		if (line_is_trace(at)) {
			*line = passage->lines[i];
			return TRUE;
		}
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	return FALSE;
}

static void
find_headers(Facts *facts)
{
	const Passages *passages = facts->passages;

	if (passages->headers_given) {
		FactPlace place = { .origin = ORIGIN_ATTACHED,
			.part = passages->headers_part,
			.line = 0 };
		fact_add(facts, ITEM_HEADERS, "header", &place, WEIGHT_STATED);
	}
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		FactPlace place = { passage->origin, passage->part, 0 };
		if (passage->history || !fact_passage_counts(passage) ||
		        !passage_has_trace(passage, &place.line))
			continue;
		fact_add(facts, ITEM_HEADERS, "header", &place, WEIGHT_STATED);
	}
}

void
fact_attachments_find(Facts *facts)
{
	find_headers(facts);
	mail_walk(facts->mail, look_at_part, facts);
}
