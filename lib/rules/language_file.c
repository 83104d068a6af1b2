#include "rules/language_file.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

static const char *const file_settings[] = { "language", "markers", "cues", "calendar",
	NULL };
static const char *const cue_settings[] = { "patterns", "match", "no_match", NULL };
static const char *const word_settings[] = { "word", "value", NULL };
static const char *const label_names[] = { "from", "to", "cc", "date", "subject",
	"reply_to", NULL };

G_STATIC_ASSERT(G_N_ELEMENTS(label_names) == LABEL_COUNT + 1);

/* A setting that holds a list, and where in its record the list goes. */
typedef struct {
	const char *name;
	size_t offset;
} ListSetting;

static const ListSetting marker_lists[] = {
	{ "loose_labels", offsetof(Markers, loose_labels) },
	{ "forward_lines", offsetof(Markers, forward_lines) },
	{ "original_lines", offsetof(Markers, original_lines) },
	{ "attribution_openers", offsetof(Markers, attribution_openers) },
	{ "attribution_verbs", offsetof(Markers, attribution_verbs) },
	{ "signature_lines", offsetof(Markers, signature_lines) },
	{ "forward_prefixes", offsetof(Markers, forward_prefixes) },
	{ "reply_prefixes", offsetof(Markers, reply_prefixes) },
	{ "report_lines", offsetof(Markers, report_lines) },
	{ "report_end_lines", offsetof(Markers, report_end_lines) },
	{ "report_reason_lines", offsetof(Markers, report_reason_lines) },
	{ "report_recipient_lines", offsetof(Markers, report_recipient_lines) },
	{ "report_delayed_lines", offsetof(Markers, report_delayed_lines) },
};
static const char *const marker_settings[] = { "labels", "loose_labels",
	"forward_lines", "original_lines", "attribution_openers", "attribution_verbs",
	"signature_lines", "forward_prefixes", "reply_prefixes", "report_lines",
	"report_end_lines", "report_reason_lines", "report_recipient_lines",
	"report_delayed_lines", NULL };

static const struct {
	const char *name;
	CalendarList list;
	int least, most; /* of a word's value; both 0: the words have none */
} calendar_lists[] = {
	{ "months", CALENDAR_MONTHS, 1, 12 },
	{ "weekdays", CALENDAR_WEEKDAYS, 1, 7 },
	{ "relative_days", CALENDAR_RELATIVE_DAYS, -366, 366 },
	{ "numbers", CALENDAR_NUMBERS, 0, 9999 },
	{ "day_parts", CALENDAR_DAY_PARTS, 0, 23 },
	{ "ago_units", CALENDAR_AGO_UNITS, 0, 366 },
	{ "hour_words", CALENDAR_HOUR_WORDS, 0, 0 },
	{ "half_words", CALENDAR_HALF_WORDS, 0, 0 },
	{ "ago_words", CALENDAR_AGO_WORDS, 0, 0 },
	{ "last_words", CALENDAR_LAST_WORDS, 0, 0 },
	{ "last_week_words", CALENDAR_LAST_WEEK_WORDS, 0, 0 },
	{ "since_words", CALENDAR_SINCE_WORDS, 0, 0 },
	{ "day_words", CALENDAR_DAY_WORDS, 0, 0 },
	{ "on_words", CALENDAR_ON_WORDS, 0, 0 },
};
static const char *const calendar_settings[] = { "months", "weekdays", "relative_days",
	"numbers", "day_parts", "ago_units", "hour_words", "half_words", "ago_words",
	"last_words", "last_week_words", "since_words", "day_words", "on_words", NULL };

static Language *
language_new(const char *name)
{
	Language *language = g_new0(Language, 1);
	language->name = g_strdup(name);
	for (guint i = 0; i < CUE_COUNT; i++) {
		LanguageCue *cue = &language->cues[i];
		cue->patterns =
		        g_ptr_array_new_with_free_func((GDestroyNotify)pattern_free);
		cue->match = g_ptr_array_new_with_free_func(g_free);
		cue->no_match = g_ptr_array_new_with_free_func(g_free);
	}
	return language;
}

void
language_free(Language *language)
{
	for (guint i = 0; i < CUE_COUNT; i++) {
		LanguageCue *cue = &language->cues[i];
		g_ptr_array_unref(cue->patterns);
		g_free(cue->file);
		g_ptr_array_unref(cue->match);
		g_ptr_array_unref(cue->no_match);
	}
	pattern_free(language->words);
	g_free(language->name);
	g_free(language);
}

/* Words are written as a person writes them and kept as mail is compared. */
static char *
fold_word(const char *word)
{
	g_autoptr(FoldedText) folded = text_fold(word, -1, FALSE);
	return g_strdup(g_strstrip(folded->text));
}

static void
add_words(const config_setting_t *group, const char *name, GPtrArray *words,
        Problems *problems)
{
	g_autoptr(GPtrArray) texts = setting_texts(group, name, problems);
	for (guint i = 0; i < texts->len; i++) {
		g_autofree char *word = fold_word(texts->pdata[i]);
		if (word[0] == '\0')
			setting_problem(setting_member(group, name), problems,
			        "'%s' holds an empty word", name);
		else
			g_ptr_array_add(words, g_steal_pointer(&word));
	}
}

static void
read_markers(const config_setting_t *group, Markers *markers, Problems *problems)
{
	setting_check_names(group, marker_settings, problems);
	for (guint i = 0; i < G_N_ELEMENTS(marker_lists); i++)
		add_words(group, marker_lists[i].name,
		        G_STRUCT_MEMBER(GPtrArray *, markers, marker_lists[i].offset),
		        problems);
	const config_setting_t *labels = setting_group(group, "labels", problems);
	if (labels == NULL)
		return;
	setting_check_names(labels, label_names, problems);
	for (guint i = 0; i < LABEL_COUNT; i++)
		add_words(labels, label_names[i], markers->labels[i], problems);
}

static void
add_calendar_word(const config_setting_t *element, guint list, Calendar *calendar,
        Problems *problems)
{
	g_autofree char *text = setting_text(element, "word", problems);
	const config_setting_t *value = setting_member(element, "value");
	setting_check_names(element, word_settings, problems);
	g_autofree char *folded = fold_word(text != NULL ? text : "");
	if (folded[0] == '\0' || value == NULL ||
	        config_setting_type(value) != CONFIG_TYPE_INT) {
		setting_problem(element, problems,
		        "'%s' must hold groups { word = \"...\"; value = 1; }",
		        calendar_lists[list].name);
		return;
	}
	int number = config_setting_get_int(value);
	if (number < calendar_lists[list].least || number > calendar_lists[list].most)
		setting_problem(element, problems,
		        "value of '%s' must be between %d and %d", text,
		        calendar_lists[list].least, calendar_lists[list].most);
	calendar_add(calendar, calendar_lists[list].list, folded, number);
}

/* A list of groups with values, or of mere words. */
static void
read_calendar_list(const config_setting_t *group, guint list, Calendar *calendar,
        Problems *problems)
{
	const char *name = calendar_lists[list].name;
	if (calendar_lists[list].least == calendar_lists[list].most) {
		g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
		add_words(group, name, words, problems);
		for (guint i = 0; i < words->len; i++)
			calendar_add(calendar, calendar_lists[list].list,
			        words->pdata[i], 0);
		return;
	}
	const config_setting_t *words = setting_groups(group, name, problems);
	for (guint i = 0; words != NULL && i < setting_length(words); i++)
		add_calendar_word(setting_nth(words, i), list, calendar, problems);
}

static void
read_calendar(const config_setting_t *group, Calendar *calendar, Problems *problems)
{
	setting_check_names(group, calendar_settings, problems);
	for (guint i = 0; i < G_N_ELEMENTS(calendar_lists); i++)
		read_calendar_list(group, i, calendar, problems);
}

/* Each pattern is compiled alone, so that a mistake is shown at its own line. */
static void
add_patterns(const config_setting_t *group, LanguageCue *cue, Problems *problems)
{
	const config_setting_t *list = setting_member(group, "patterns");
	g_autoptr(GPtrArray) patterns = setting_texts(group, "patterns", problems);
	for (guint i = 0; i < patterns->len; i++) {
		g_autoptr(GError) error = NULL;
		const config_setting_t *place =
		        config_setting_is_aggregate(list) ? setting_nth(list, i) : list;
		Pattern *pattern = pattern_compile(patterns->pdata[i],
		        setting_file(place), setting_line(place), &error);
		if (pattern == NULL)
			problems_take(problems, g_steal_pointer(&error));
		else
			g_ptr_array_add(cue->patterns, pattern);
	}
}

static void
read_cue(const config_setting_t *group, LanguageCue *cue, Problems *problems)
{
	const char *name = config_setting_name(group);
	if (!config_setting_is_group(group)) {
		setting_problem(
		        group, problems, "cue '%s' must be a group in { }", name);
		return;
	}
	setting_check_names(group, cue_settings, problems);
	add_patterns(group, cue, problems);
	g_free(cue->file);
	cue->file = g_strdup(setting_file(group));
	cue->line = setting_line(group);
	GPtrArray *match = setting_texts(group, "match", problems);
	GPtrArray *no_match = setting_texts(group, "no_match", problems);
	if (match->len == 0)
		setting_problem(
		        group, problems, "cue '%s': no example of a match", name);
	if (no_match->len == 0)
		setting_problem(
		        group, problems, "cue '%s': no example of a no_match", name);
	g_ptr_array_extend_and_steal(cue->match, match);
	g_ptr_array_extend_and_steal(cue->no_match, no_match);
}

static void
read_cues(const config_setting_t *group, Language *language, Problems *problems)
{
	for (guint i = 0; i < setting_length(group); i++) {
		const config_setting_t *member = setting_nth(group, i);
		int cue = cue_from_name(config_setting_name(member));
		if (cue < 0)
			names_problem(member, "cue", config_setting_name(member),
			        cue_names, problems);
		else
			read_cue(member, &language->cues[cue], problems);
	}
}

static Language *
find_language(GPtrArray *languages, const char *name)
{
	for (guint i = 0; i < languages->len; i++) {
		Language *language = languages->pdata[i];
		if (strcmp(language->name, name) == 0)
			return language;
	}
	Language *language = language_new(name);
	g_ptr_array_add(languages, language);
	return language;
}

void
language_file_read(const char *file, GPtrArray *languages, Markers *markers,
        Calendar *calendar, Problems *problems)
{
	g_autoptr(Document) document = document_read(file, problems);
	if (document == NULL)
		return;
	const config_setting_t *root = document_root(document);
	setting_check_names(root, file_settings, problems);
	g_autofree char *name = setting_text(root, "language", problems);
	if (name == NULL) {
		problems_add(problems, file, 1, "setting 'language' is missing");
		return;
	}
	Language *language = find_language(languages, name);
	const config_setting_t *group = setting_group(root, "markers", problems);
	if (group != NULL)
		read_markers(group, markers, problems);
	group = setting_group(root, "cues", problems);
	if (group != NULL)
		read_cues(group, language, problems);
	group = setting_group(root, "calendar", problems);
	if (group != NULL)
		read_calendar(group, calendar, problems);
}

void
language_index(const Language *language, Cue cue, PatternIndex *index)
{
	const GPtrArray *patterns = language->cues[cue].patterns;
	for (guint i = 0; i < patterns->len; i++)
		pattern_index_add(index, cue, patterns->pdata[i]);
}

static void
check_examples(const LanguageCue *cue, guint number, gboolean wanted,
        PatternIndex *index, Problems *problems)
{
	const GPtrArray *examples = wanted ? cue->match : cue->no_match;
	for (guint i = 0; i < examples->len; i++) {
		const char *example = examples->pdata[i];
		g_autoptr(FoldedText) folded = text_fold(example, -1, FALSE);
		if (pattern_index_check(index, number, cue->patterns, folded->text,
		            folded->length, wanted) != wanted)
			problems_add(problems, cue->file, cue->line,
			        "cue '%s': example '%s' %s", cue_names[number], example,
			        wanted ? "does not match" : "matches and must not");
	}
}

/* One pattern reads a text once for all the words. */
static void
join_words(Language *language, Problems *problems)
{
	const LanguageCue *cue = &language->cues[CUE_LANGUAGE];
	g_autoptr(GString) expression = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < cue->patterns->len; i++)
		g_string_append_printf(expression, "%s(?:%s)", i > 0 ? "|" : "",
		        pattern_source(cue->patterns->pdata[i]));
	if (expression->len > 0)
		language->words =
		        pattern_compile(expression->str, cue->file, cue->line, &error);
	if (error != NULL)
		problems_take(problems, g_steal_pointer(&error));
}

void
language_finish(Language *language, PatternIndex *index, Problems *problems)
{
	for (guint i = 0; i < CUE_COUNT; i++) {
		const LanguageCue *cue = &language->cues[i];
		if (cue->patterns->len == 0)
			continue;
		check_examples(cue, i, TRUE, index, problems);
		check_examples(cue, i, FALSE, index, problems);
	}
	join_words(language, problems);
}

guint
language_count_words(const Language *language, const char *folded, gsize length)
{
	guint count = 0;
	gsize start = 0, end = 0;
	while (language->words != NULL &&
	        pattern_find(language->words, folded, length, &start, &end)) {
		count++;
		start = end;
	}
	return count;
}
