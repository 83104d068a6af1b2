#include "rules/document.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "rules/nearest.h"
#include "rules/syntax_hint.h"

/* A rule file is written by hand; libconfig reads without any bound of its own. */
#define DOCUMENT_BYTES_MAX (1024 * 1024)

struct Document {
	config_t config;
	char *file;
};

/* libconfig's scanner ends the whole process when a read fails (a directory, for one), so
 * only a regular file of sane size is handed to it. */
static gboolean
file_is_fit(const char *file, Problems *problems)
{
	GStatBuf status;
	if (g_stat(file, &status) != 0)
		problems_add(problems, file, 0, "%s", g_strerror(errno));
	else if (!S_ISREG(status.st_mode))
		problems_add(problems, file, 0, "not a regular file");
	else if (status.st_size > DOCUMENT_BYTES_MAX)
		problems_add(
		        problems, file, 0, "larger than %d bytes", DOCUMENT_BYTES_MAX);
	else
		return TRUE;
	return FALSE;
}

/* libconfig's words are for programmers. */
static void
note_slip(const char *file, int line, const char *words, Problems *problems)
{
	g_autofree char *text = NULL, *hint = NULL;
	int place = line;
	if (!g_file_get_contents(file, &text, NULL, NULL))
		text = g_strdup("");
	if (strstr(words, "include") != NULL) {
		hint = syntax_include(text, line);
		problems_add(problems, file, line,
		        "cannot read the @include file '%s', named relative to this one",
		        hint != NULL ? hint : "?");
	} else if (strstr(words, "duplicate") != NULL) {
		hint = syntax_double(text, line);
		problems_add(problems, file, line, "setting '%s' is set twice",
		        hint != NULL ? hint : "?");
	} else {
		hint = syntax_hint(text, &place);
		problems_add(problems, file, place, "%s%s%s", words,
		        hint != NULL ? ": " : "", hint != NULL ? hint : "");
	}
}

static void
note_parse_error(const Document *document, Problems *problems)
{
	const config_t *config = &document->config;
	const char *place = config_error_file(config);
	if (config_error_type(config) == CONFIG_ERR_PARSE)
		note_slip(place != NULL ? place : document->file,
		        config_error_line(config), config_error_text(config), problems);
	else
		problems_add(problems, document->file, 0, "cannot be read");
}

Document *
document_read(const char *file, Problems *problems)
{
	if (!file_is_fit(file, problems))
		return NULL;
	g_autoptr(Document) document = g_new0(Document, 1);
	g_autofree char *directory = g_path_get_dirname(file);
	config_init(&document->config);
	config_set_include_dir(&document->config, directory);
	document->file = g_strdup(file);
	if (config_read_file(&document->config, file) != CONFIG_TRUE) {
		note_parse_error(document, problems);
		return NULL;
	}
	return g_steal_pointer(&document);
}

void
document_free(Document *document)
{
	if (document == NULL)
		return;
	config_destroy(&document->config);
	g_free(document->file);
	g_free(document);
}

const config_setting_t *
document_root(const Document *document)
{
	return config_root_setting(&document->config);
}

static int
compare_names(gconstpointer one, gconstpointer other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

GPtrArray *
document_list(const char *directory, gboolean required, Problems *problems)
{
	g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
	if (entries == NULL) {
		if (required)
			problems_add(problems, directory, 0,
			        "cannot be read as a directory");
		return NULL;
	}
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	while ((name = g_dir_read_name(entries)) != NULL) {
		if (g_str_has_suffix(name, ".conf") && name[0] != '.')
			g_ptr_array_add(files, g_build_filename(directory, name, NULL));
	}
	g_ptr_array_sort(files, compare_names);
	return files;
}

const char *
setting_file(const config_setting_t *setting)
{
	const char *file = config_setting_source_file(setting);
	return file != NULL ? file : "";
}

int
setting_line(const config_setting_t *setting)
{
	return (int)setting->line;
}

void
setting_problem(
        const config_setting_t *setting, Problems *problems, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	problems_add(
	        problems, setting_file(setting), setting_line(setting), "%s", message);
}

guint
setting_length(const config_setting_t *setting)
{
	return (guint)config_setting_length(setting);
}

const config_setting_t *
setting_nth(const config_setting_t *setting, guint n)
{
	return config_setting_get_elem(setting, n);
}

const config_setting_t *
setting_member(const config_setting_t *group, const char *name)
{
	return config_setting_get_member(group, name);
}

void
setting_check_names(
        const config_setting_t *group, const char *const *known, Problems *problems)
{
	for (guint i = 0; i < setting_length(group); i++) {
		const config_setting_t *member = setting_nth(group, i);
		const char *name = config_setting_name(member);
		if (!g_strv_contains(known, name))
			setting_problem(member, problems,
			        "unknown setting '%s', did you mean '%s'?", name,
			        nearest_name(name, known));
	}
}

char *
setting_text(const config_setting_t *group, const char *name, Problems *problems)
{
	const config_setting_t *member = setting_member(group, name);
	if (member == NULL)
		return NULL;
	const char *text = config_setting_get_string(member);
	if (text == NULL)
		setting_problem(member, problems,
		        "setting '%s' must be a text in quotes", name);
	else if (!g_utf8_validate(text, -1, NULL))
		setting_problem(
		        member, problems, "setting '%s' is not valid UTF-8", name);
	else
		return g_strdup(text);
	return NULL;
}

int
setting_choice(const config_setting_t *group, const char *name,
        const char *const *choices, int absent, Problems *problems)
{
	g_autofree char *text = setting_text(group, name, problems);
	if (text == NULL)
		return absent;
	int index = names_index(choices, text);
	if (index >= 0)
		return index;
	g_autofree char *all = g_strjoinv(", ", (char **)choices);
	setting_problem(setting_member(group, name), problems,
	        "setting '%s' must be one of %s, not '%s'", name, all, text);
	return absent;
}

static void
take_text(const config_setting_t *element, const char *name, GPtrArray *texts,
        Problems *problems)
{
	const char *text = config_setting_get_string(element);
	if (text == NULL)
		setting_problem(element, problems,
		        "setting '%s' must hold texts in quotes", name);
	else if (!g_utf8_validate(text, -1, NULL))
		setting_problem(
		        element, problems, "setting '%s' is not valid UTF-8", name);
	else
		g_ptr_array_add(texts, g_strdup(text));
}

GPtrArray *
setting_texts(const config_setting_t *group, const char *name, Problems *problems)
{
	GPtrArray *texts = g_ptr_array_new_null_terminated(0, g_free, TRUE);
	const config_setting_t *member = setting_member(group, name);
	if (member == NULL)
		return texts;
	if (config_setting_is_group(member) || !config_setting_is_aggregate(member)) {
		take_text(member, name, texts, problems);
		return texts;
	}
	for (guint i = 0; i < setting_length(member); i++)
		take_text(setting_nth(member, i), name, texts, problems);
	return texts;
}

double
setting_fraction(const config_setting_t *group, const char *name, double absent,
        Problems *problems)
{
	const config_setting_t *member = setting_member(group, name);
	if (member == NULL)
		return absent;
	double value = config_setting_type(member) == CONFIG_TYPE_INT
	                       ? config_setting_get_int(member)
	                       : config_setting_get_float(member);
	if (config_setting_is_number(member) && value >= 0 && value <= 1)
		return value;
	setting_problem(member, problems,
	        "setting '%s' must be a number between 0.0 and 1.0", name);
	return absent;
}

const config_setting_t *
setting_group(const config_setting_t *group, const char *name, Problems *problems)
{
	const config_setting_t *member = setting_member(group, name);
	if (member == NULL || config_setting_is_group(member))
		return member;
	setting_problem(member, problems, "setting '%s' must be a group in { }", name);
	return NULL;
}

const config_setting_t *
setting_groups(const config_setting_t *group, const char *name, Problems *problems)
{
	const config_setting_t *member = setting_member(group, name);
	if (member == NULL)
		return NULL;
	gboolean fits = config_setting_is_list(member);
	for (guint i = 0; fits && i < setting_length(member); i++)
		fits = config_setting_is_group(setting_nth(member, i));
	if (fits)
		return member;
	setting_problem(member, problems,
	        "setting '%s' must be a list of groups, ( { }, { } )", name);
	return NULL;
}

char *
setting_identifier(const config_setting_t *group, const char *name, Problems *problems)
{
	guint before = problems_count(problems);
	g_autofree char *text = setting_text(group, name, problems);
	if (text != NULL && text[0] != '\0' &&
	        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text))
		return g_steal_pointer(&text);
	if (text != NULL)
		setting_problem(setting_member(group, name), problems,
		        "%s '%s' must be of small letters, digits and '-'", name, text);
	else if (problems_count(problems) == before)
		setting_problem(group, problems, "setting '%s' is missing", name);
	return g_strdup("?");
}

int
names_index(const char *const *names, const char *name)
{
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return -1;
}

void
names_problem(const config_setting_t *setting, const char *kind, const char *name,
        const char *const *names, Problems *problems)
{
	setting_problem(setting, problems, "unknown %s '%s', did you mean '%s'?", kind,
	        name, nearest_name(name, names));
}
