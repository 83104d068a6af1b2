#include "rules/label.h"

#include "base/text.h"
#include "rules/document.h"

#define TITLE_MAX 80

static const char *const file_settings[] = { "labels", NULL };
static const char *const label_settings[] = { "tag", "title", "color", NULL };

Label *
label_new(const char *tag, const char *title, const char *color)
{
	Label *label = g_new0(Label, 1);
	label->tag = g_strdup(tag);
	label->title = text_one_line(title != NULL ? title : tag, TITLE_MAX);
	label->color = g_strdup(color != NULL ? color : LABEL_COLOR_NONE);
	return label;
}

void
label_free(Label *label)
{
	if (label == NULL)
		return;
	g_free(label->tag);
	g_free(label->title);
	g_free(label->color);
	g_free(label);
}

Label *
labels_find(const GPtrArray *labels, const char *tag)
{
	for (guint i = 0; i < labels->len; i++) {
		Label *label = labels->pdata[i];
		if (g_ascii_strcasecmp(label->tag, tag) == 0)
			return label;
	}
	return NULL;
}

/* A later label of a tag takes the earlier one's place in the order. */
static void
take_label(GPtrArray *labels, Label *label)
{
	guint index;
	Label *known = labels_find(labels, label->tag);
	if (known == NULL) {
		g_ptr_array_add(labels, label);
		return;
	}
	g_ptr_array_find(labels, known, &index);
	labels->pdata[index] = label;
	label_free(known);
}

static void
read_label(const config_setting_t *group, GPtrArray *labels, Problems *problems)
{
	setting_check_names(group, label_settings, problems);
	g_autofree char *tag = setting_text(group, "tag", problems);
	g_autofree char *title = setting_text(group, "title", problems);
	g_autofree char *color = setting_text(group, "color", problems);
	if (tag == NULL || title == NULL) {
		setting_problem(group, problems, "a label needs a tag and a title");
		return;
	}
	if (color != NULL && !g_regex_match_simple("^#[0-9A-Fa-f]{6}$", color, 0, 0)) {
		setting_problem(setting_member(group, "color"), problems,
		        "'%s' is no color such as %s", color, LABEL_COLOR_NONE);
		return;
	}
	take_label(labels, label_new(tag, title, color));
}

static void
read_file(const char *file, GPtrArray *labels, Problems *problems)
{
	g_autoptr(Document) document = document_read(file, problems);
	if (document == NULL)
		return;
	const config_setting_t *root = document_root(document);
	setting_check_names(root, file_settings, problems);
	const config_setting_t *list = setting_groups(root, "labels", problems);
	for (guint i = 0; list != NULL && i < setting_length(list); i++)
		read_label(setting_nth(list, i), labels, problems);
}

GPtrArray *
labels_read(const char *const *directories, Problems *problems)
{
	GPtrArray *labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
	for (guint i = 0; directories[i] != NULL; i++) {
		g_autofree char *inside =
		        g_build_filename(directories[i], "labels", NULL);
		g_autoptr(GPtrArray) files = document_list(inside, FALSE, problems);
		for (guint j = 0; files != NULL && j < files->len; j++)
			read_file(files->pdata[j], labels, problems);
	}
	return labels;
}
