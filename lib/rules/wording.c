#include "rules/wording.h"

#include "base/text.h"
#include "rules/document.h"

#define TEXT_CHARS_MAX 120

static const char *const file_settings[] = { "words", NULL };
static const char *const word_settings[] = { "name", "text", NULL };

struct Wording {
	GHashTable *texts; /* "KIND/NAME" -> text */
};

void
wording_free(Wording *wording)
{
	if (wording == NULL)
		return;
	g_hash_table_unref(wording->texts);
	g_free(wording);
}

static void
read_word(const config_setting_t *group, Wording *wording, Problems *problems)
{
	setting_check_names(group, word_settings, problems);
	g_autofree char *name = setting_text(group, "name", problems);
	g_autofree char *text = setting_text(group, "text", problems);
	if (name == NULL || text == NULL)
		setting_problem(group, problems, "a word needs a name and a text");
	else
		g_hash_table_replace(wording->texts, g_steal_pointer(&name),
		        text_one_line(text, TEXT_CHARS_MAX));
}

static void
read_file(const char *file, Wording *wording, Problems *problems)
{
	g_autoptr(Document) document = document_read(file, problems);
	if (document == NULL)
		return;
	const config_setting_t *root = document_root(document);
	setting_check_names(root, file_settings, problems);
	const config_setting_t *list = setting_groups(root, "words", problems);
	for (guint i = 0; list != NULL && i < setting_length(list); i++)
		read_word(setting_nth(list, i), wording, problems);
}

Wording *
wording_load(const char *const *directories, const char *language, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Wording) wording = g_new0(Wording, 1);
	g_autofree char *name = g_strconcat(language, ".conf", NULL);
	wording->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; directories[i] != NULL; i++) {
		g_autofree char *file =
		        g_build_filename(directories[i], "report", name, NULL);
		if (g_file_test(file, G_FILE_TEST_EXISTS))
			read_file(file, wording, problems);
	}
	return problems_none(problems, error) ? g_steal_pointer(&wording) : NULL;
}

const char *
wording_text(const Wording *wording, const char *kind, const char *name)
{
	g_autofree char *key = g_strconcat(kind, "/", name, NULL);
	const char *text = g_hash_table_lookup(wording->texts, key);
	return text != NULL ? text : name;
}

char *
wording_find_file(const char *const *directories, const char *name)
{
	char *found = NULL;
	for (guint i = 0; directories[i] != NULL; i++) {
		g_autofree char *file =
		        g_build_filename(directories[i], "report", name, NULL);
		if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
			continue;
		g_free(found);
		found = g_steal_pointer(&file);
	}
	return found;
}
