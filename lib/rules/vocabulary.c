#include "rules/vocabulary.h"

#include <string.h>

#include "base/text.h"
#include "rules/language_file.h"
#include "rules/pattern_index.h"

/* Enough of a mail to tell its language; a book would only cost time. */
#define LANGUAGE_BYTES_MAX (16 * 1024)
#define HOME_LANGUAGE "it"
/* Errors are in English whoever writes: three lines of a bounce under "ci torna indietro
 * questo" do not make an Englishman. */
#define HOME_FACTOR 4

const char *const cue_names[] = { "claim-not-sent", "claim-sent", "negation", "past",
	"gone", "promise-attachment", "promise-screenshot", "this-mailbox", "sender",
	"recipient", "mailbox", "generic-recipient", "problem", "other-business",
	"thanks", "thanks-alone", "not-helped", "done-already", "human-wanted",
	"auto-reply", "acknowledgement", "bulk", "date-not-error", "date-error",
	"language", "sending", "receiving", "recipient-side", "error-sentence",
	"error-introducer", "error-own-words", "screenshot-name", "logo-name",
	"contact", "common-name", "spoken-at", "spoken-dot", "sign-off", "third-party",
	"healthy", "announcer", "stranger", NULL };

G_STATIC_ASSERT(G_N_ELEMENTS(cue_names) == CUE_COUNT + 1);

static const Cue needled_cues[] = { CUE_SPOKEN_DOT, CUE_ERROR_SENTENCE };

struct Vocabulary {
	GPtrArray *languages; /* of Language */
	PatternIndex *index;  /* all languages' cues */
	Calendar *calendar;
	Markers *markers;
	Needles *needles[CUE_COUNT]; /* of needled_cues; of others NULL */
};

int
cue_from_name(const char *name)
{
	return names_index(cue_names, name);
}

const char *
cue_name(Cue cue)
{
	return cue_names[cue];
}

void
vocabulary_free(Vocabulary *vocabulary)
{
	if (vocabulary == NULL)
		return;
	pattern_index_free(vocabulary->index);
	calendar_free(vocabulary->calendar);
	g_ptr_array_unref(vocabulary->languages);
	markers_free(vocabulary->markers);
	for (int cue = 0; cue < CUE_COUNT; cue++)
		needles_free(vocabulary->needles[cue]);
	g_free(vocabulary);
}

static void
read_directory(Vocabulary *vocabulary, const char *directory, Problems *problems)
{
	g_autofree char *inside = g_build_filename(directory, "language", NULL);
	g_autoptr(GPtrArray) files = document_list(inside, FALSE, problems);
	for (guint i = 0; files != NULL && i < files->len; i++)
		language_file_read(files->pdata[i], vocabulary->languages,
		        vocabulary->markers, vocabulary->calendar, problems);
}

static Needles *
read_needles(const GPtrArray *languages, Cue cue)
{
	Needles *needles = needles_new();
	for (guint i = 0; i < languages->len; i++) {
		const Language *language = languages->pdata[i];
		const GPtrArray *patterns = language->cues[cue].patterns;
		for (guint k = 0; k < patterns->len; k++)
			needles_add(needles, pattern_source(patterns->pdata[k]));
	}
	needles_finish(needles);
	for (guint i = 0; i < languages->len; i++) {
		const Language *language = languages->pdata[i];
		const GPtrArray *examples = language->cues[cue].match;
		for (guint k = 0; k < examples->len; k++) {
			g_autoptr(FoldedText) text =
			        text_fold(examples->pdata[k], -1, FALSE);
			needles_check(needles, text->text, text->length);
		}
	}
	return needles;
}

static void
finish_languages(Vocabulary *vocabulary, Problems *problems)
{
	const GPtrArray *languages = vocabulary->languages;
	for (int cue = 0; cue < CUE_COUNT; cue++)
		for (guint i = 0; i < languages->len; i++)
			language_index(
			        languages->pdata[i], (Cue)cue, vocabulary->index);
	pattern_index_finish(vocabulary->index);
	for (guint i = 0; i < languages->len; i++)
		language_finish(languages->pdata[i], vocabulary->index, problems);
	for (gsize i = 0; i < G_N_ELEMENTS(needled_cues); i++)
		vocabulary->needles[needled_cues[i]] =
		        read_needles(languages, needled_cues[i]);
}

Vocabulary *
vocabulary_load(const char *const *directories, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Vocabulary) vocabulary = g_new0(Vocabulary, 1);
	vocabulary->languages =
	        g_ptr_array_new_with_free_func((GDestroyNotify)language_free);
	vocabulary->index = pattern_index_new();
	vocabulary->calendar = calendar_new();
	vocabulary->markers = markers_new();
	for (guint i = 0; directories[i] != NULL; i++)
		read_directory(vocabulary, directories[i], problems);
	finish_languages(vocabulary, problems);
	calendar_finish(vocabulary->calendar);
	markers_finish(vocabulary->markers);
	if (!problems_none(problems, error))
		return NULL;
	return g_steal_pointer(&vocabulary);
}

const Markers *
vocabulary_markers(const Vocabulary *vocabulary)
{
	return vocabulary->markers;
}

const Needles *
vocabulary_needles(const Vocabulary *vocabulary, Cue cue)
{
	return vocabulary->needles[cue];
}

const Calendar *
vocabulary_calendar(const Vocabulary *vocabulary)
{
	return vocabulary->calendar;
}

gboolean
vocabulary_find(const Vocabulary *vocabulary, Cue cue, const char *folded, gsize length,
        gsize *start, gsize *end)
{
	return pattern_index_find(vocabulary->index, cue, folded, length, start, end);
}

const char *
vocabulary_language(const Vocabulary *vocabulary, const char *folded, gsize length)
{
	const char *best = HOME_LANGUAGE;
	guint best_count = 0;
	length = MIN(length, LANGUAGE_BYTES_MAX);
	for (guint i = 0; i < vocabulary->languages->len; i++) {
		const Language *language = vocabulary->languages->pdata[i];
		guint count = language_count_words(language, folded, length);
		if (strcmp(language->name, HOME_LANGUAGE) == 0)
			count *= HOME_FACTOR;
		if (count > best_count) {
			best = language->name;
			best_count = count;
		}
	}
	return best;
}
