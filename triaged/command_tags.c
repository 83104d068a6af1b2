#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "triage/case_json.h"
#include "triaged/command.h"
#include "triaged/table.h"
#include "triaged/workbench.h"

typedef enum { TAGS_TABLE, TAGS_JSON, TAGS_THUNDERBIRD, TAGS_ROUNDCUBE } TagsForm;

/* The plugin's own labels, which come first in its list: 0 is "none". */
#define ROUNDCUBE_OWN_LABELS 6

static const char *const titles[] = { "TAG", "COLOR", "TITLE", NULL };

static void
print_table(const GPtrArray *labels)
{
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < labels->len; i++) {
		const Label *label = labels->pdata[i];
		const char *cells[] = { label->tag, label->color, label->title };
		table_add(table, stdout, cells);
	}
	table_print(table, stdout);
}

static void
print_json(const GPtrArray *labels)
{
	for (guint i = 0; i < labels->len; i++) {
		const Label *label = labels->pdata[i];
		json_t *object = json_pack("{s:s, s:s, s:s}", "tag", label->tag,
		        "title", label->title, "color", label->color);
		g_autofree char *line = json_line(object);
		json_decref(object);
		puts(line);
	}
}

static void
print_preference(const char *key, const char *what, const char *value)
{
	printf("user_pref(\"mailnews.tags.");
	for (const char *at = key; *at != '\0'; at++)
		printf("%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
	printf(".%s\", \"", what);
	for (const char *at = value; *at != '\0'; at++)
		printf("%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
	puts("\");");
}

/* Thunderbird looks for a keyword's preferences under its lower-case form, and orders tags by
 * their ordinals as texts (nsMsgTagService). */
static void
print_thunderbird(const GPtrArray *labels)
{
	puts("// Into user.js in each agent's Thunderbird profile (Help, "
	     "Troubleshooting\n"
	     "// Information, Profile Folder), while Thunderbird is closed.");
	for (guint i = 0; i < labels->len; i++) {
		const Label *label = labels->pdata[i];
		g_autofree char *key = g_ascii_strdown(label->tag, -1);
		g_autofree char *ordinal = g_strdup_printf("triage-%03u", i + 1);
		print_preference(key, "tag", label->title);
		print_preference(key, "color", label->color);
		print_preference(key, "ordinal", ordinal);
	}
}

/* A title as PHP text, and as HTML within it: the plugin puts it into the page as it is. */
static void
print_php_pair(const char *key, const char *title)
{
	g_autofree char *html = g_markup_escape_text(title, -1);
	printf("  '");
	for (const char *at = key; *at != '\0'; at++)
		printf("%s%c", *at == '\'' || *at == '\\' ? "\\" : "", *at);
	printf("' => '");
	for (const char *at = html; *at != '\0'; at++)
		printf("%s%c", *at == '\'' || *at == '\\' ? "\\" : "", *at);
	puts("',");
}

/* The plugin knows a keyword in upper case, without leading $ and \ (roundcube_flag()). */
static char *
roundcube_key(const char *tag)
{
	return g_ascii_strup(tag + strspn(tag, "$\\"), -1);
}

/* What an element's class says in CSS: a keyword may hold marks that would end it. */
static void
print_css_class(const char *prefix, const char *key)
{
	printf(".%s", prefix);
	for (const char *at = key; *at != '\0'; at++)
		printf("%s%c",
		        g_ascii_isalnum(*at) || *at == '-' || *at == '_' ? "" : "\\",
		        *at);
}

/* Its menu sets LABEL1, LABEL2 ... by position, whatever stands there: ours are not offered. */
static void
print_roundcube_css(const GPtrArray *labels)
{
	puts("\n/* Into skins/elastic/tb_label.css of the plugin:");
	for (guint i = 0; i < labels->len; i++) {
		const Label *label = labels->pdata[i];
		g_autofree char *key = roundcube_key(label->tag);
		print_css_class("box_tb_label_", key);
		printf(" { background-color: %s; color: #fff; } ", label->color);
		print_css_class("tb_label_", key);
		printf(" { color: %s; }\n", label->color);
	}
	for (guint i = 0; i < labels->len; i++)
		printf("#tb-label-menu .label%u%s", i + ROUNDCUBE_OWN_LABELS,
		        i + 1 < labels->len ? ", " : " { display: none; }\n");
	puts("*/");
}

static void
print_roundcube(const GPtrArray *labels)
{
	puts("<?php\n"
	     "// config.inc.php of Roundcube's plugin thunderbird_labels (Debian:\n"
	     "// roundcube-plugins-extra), which shows the tags; its menu sets only "
	     "its own.\n"
	     "$config['tb_label_enable'] = true;\n"
	     "$config['tb_label_enable_contextmenu'] = true;\n"
	     "$config['tb_label_enable_shortcuts'] = false;\n"
	     "$config['tb_label_modify_labels'] = false;\n"
	     "$config['tb_label_style'] = 'bullets';\n"
	     "$config['tb_label_custom_labels'] = array(");
	for (int i = 0; i < ROUNDCUBE_OWN_LABELS; i++)
		printf("  'LABEL%d' => '$Label%d',\n", i, i);
	for (guint i = 0; i < labels->len; i++) {
		const Label *label = labels->pdata[i];
		g_autofree char *key = roundcube_key(label->tag);
		print_php_pair(key, label->title);
	}
	puts(");");
	print_roundcube_css(labels);
}

static int
print_tags(const CommandContext *context, TagsForm form)
{
	g_autoptr(GError) error = NULL;
	g_auto(Workbench) workbench = { NULL, NULL };
	if (!workbench_open(&workbench, context->config, &error))
		return command_fail(error);
	switch (form) {
	case TAGS_TABLE: print_table(workbench.catalogue->labels); break;
	case TAGS_JSON: print_json(workbench.catalogue->labels); break;
	case TAGS_THUNDERBIRD: print_thunderbird(workbench.catalogue->labels); break;
	case TAGS_ROUNDCUBE: print_roundcube(workbench.catalogue->labels); break;
	}
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	int form = TAGS_TABLE;
	const struct option options[] = {
		{ "json", no_argument, &form, TAGS_JSON },
		{ "thunderbird", no_argument, &form, TAGS_THUNDERBIRD },
		{ "roundcube", no_argument, &form, TAGS_ROUNDCUBE },
		{ NULL, 0, NULL, 0 },
	};
	if (!command_take_flags(argc, argv, options) || optind != argc)
		return command_misused(&command_tags);
	return print_tags(context, (TagsForm)form);
}

const Command command_tags = { "tags", "[--thunderbird | --roundcube | --json]",
	"print the tags that mails can get, with their titles and colors", run,
	"  --thunderbird   preferences that make Thunderbird show them so\n"
	"  --roundcube     a configuration of Roundcube's plugin thunderbird_labels "
	"that does\n\n"
	"Titles and colors stand in DIR/labels/*.conf of the catalogue's directories; "
	"those of\na later directory win.\n" };
