#include "triage/passage.h"

#include <string.h>

static void
passage_free(Passage *passage)
{
	g_free(passage->part);
	g_free(passage->text);
	g_free(passage->lines);
	g_free(passage->starts);
	folded_text_free(passage->folded);
	g_free(passage);
}

/* Where each line begins: who asks for a place's line need not count from the start. */
static void
find_starts(Passage *passage)
{
	const char *text = passage->text;
	guint count = 1;
	for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
		count++;
	g_free(passage->starts);
	passage->starts = g_new(guint32, count);
	passage->line_count = count;
	const char *at = text;
	passage->starts[0] = 0;
	for (guint i = 1; i < count; i++) {
		at = strchr(at, '\n') + 1;
		passage->starts[i] = (guint32)(at - text);
	}
}

void
passage_set_text(Passage *passage, char *text, gsize length)
{
	g_free(passage->text);
	folded_text_free(passage->folded);
	passage->text = text;
	passage->folded = text_fold(text, (gssize)length, FALSE);
	find_starts(passage);
}

Passage *
passage_new(const char *text, gsize length, const char *part, Origin origin,
        guint first_line)
{
	Passage *passage = g_new0(Passage, 1);
	passage->origin = origin;
	passage->part = g_strdup(part != NULL ? part : "");
	passage_set_text(passage, g_strndup(text, length), length);
	passage->lines = g_new(guint, passage->line_count);
	for (guint i = 0; i < passage->line_count; i++)
		passage->lines[i] = first_line + i;
	return passage;
}

Passages *
passages_new(void)
{
	Passages *passages = g_new0(Passages, 1);
	passages->passages =
	        g_ptr_array_new_with_free_func((GDestroyNotify)passage_free);
	passages->reports = g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	passages->sections =
	        g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	passages->images = g_ptr_array_new();
	passages->unreadable = g_ptr_array_new();
	return passages;
}

void
passages_free(Passages *passages)
{
	if (passages == NULL)
		return;
	g_ptr_array_unref(passages->passages);
	g_ptr_array_unref(passages->reports);
	g_ptr_array_unref(passages->sections);
	g_ptr_array_unref(passages->images);
	g_ptr_array_unref(passages->unreadable);
	g_free(passages->headers_part);
	g_free(passages);
}

static gboolean
passage_is_own_words(const Passage *passage, gboolean with_subject)
{
	if (passage->history || passage->ours || passage->depth > 0)
		return FALSE;
	return passage->origin == ORIGIN_WORDS ||
	       (with_subject && passage->origin == ORIGIN_SUBJECT);
}

static gboolean
say(const Passages *passages, const Vocabulary *vocabulary, Cue cue,
        gboolean with_subject)
{
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		if (!passage_is_own_words(passage, with_subject))
			continue;
		gsize start = 0, end = 0;
		if (vocabulary_find(vocabulary, cue, passage->folded->text,
		            passage->folded->length, &start, &end))
			return TRUE;
	}
	return FALSE;
}

gboolean
passages_say(const Passages *passages, const Vocabulary *vocabulary, Cue cue)
{
	return say(passages, vocabulary, cue, TRUE);
}

gboolean
passages_say_in_body(const Passages *passages, const Vocabulary *vocabulary, Cue cue)
{
	return say(passages, vocabulary, cue, FALSE);
}

guint
passage_line(const Passage *passage, gsize offset)
{
	guint line = 0, behind = passage->line_count;
	while (behind - line > 1) {
		guint middle = line + (behind - line) / 2;
		if (passage->starts[middle] <= offset)
			line = middle;
		else
			behind = middle;
	}
	return passage->lines[line];
}
