#include <stdio.h>
#include <sysexits.h>

#include "triage/case_json.h"
#include "triaged/rules.h"
#include "triaged/table.h"

static const char *const titles[] = { "CLASS", "PARENT", "MODE", "TAG", ">SIGNATURES",
	"CHECKLIST", "TITLE", NULL };

static void
add_row(Table *table, const Catalogue *catalogue, const Class *class)
{
	const Class *shown = catalogue_shown(catalogue, class);
	g_autofree char *count = g_strdup_printf("%u", class->signatures->len);
	g_autoptr(GString) items = g_string_new(NULL);
	for (guint i = 0; i < shown->checklist->len; i++)
		g_string_append_printf(items, "%s%s", i > 0 ? "," : "",
		        (const char *)shown->checklist->pdata[i]);
	const char *cells[] = { class->id, class->parent, mode_name(shown->mode),
		class->tag, count, items->len > 0 ? items->str : NULL, class->title };
	G_STATIC_ASSERT(G_N_ELEMENTS(cells) + 1 == G_N_ELEMENTS(titles));
	table_add(table, stdout, cells);
}

static json_t *
texts_json(const GPtrArray *texts)
{
	json_t *array = json_array();
	for (guint i = 0; i < texts->len; i++)
		json_array_append_new(array, json_string(texts->pdata[i]));
	return array;
}

static void
print_json(const Catalogue *catalogue, const Class *class)
{
	const Class *shown = catalogue_shown(catalogue, class);
	json_t *object = json_pack("{s:s, s:s?, s:s, s:s, s:s, s:o, s:i, s:s, s:i}",
	        "class", class->id, "parent", class->parent, "title", class->title,
	        "mode", mode_name(shown->mode), "tag", class->tag, "checklist",
	        texts_json(shown->checklist), "signatures", (int)class->signatures->len,
	        "file", class->file, "line", class->line);
	g_autofree char *line = json_line(object);
	json_decref(object);
	puts(line);
}

static void
print_classes(const Catalogue *catalogue, gboolean json)
{
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		if (json)
			print_json(catalogue, class);
		else
			add_row(table, catalogue, class);
	}
	table_print(table, stdout);
}

int
rules_list(const CommandContext *context, int argc, char **argv)
{
	int json = FALSE;
	const struct option options[] = {
		{ "json", no_argument, &json, TRUE },
		{ NULL, 0, NULL, 0 },
	};
	if (!command_take_flags(argc, argv, options) || optind != argc)
		return command_misused(&command_rules);
	g_autoptr(GError) error = NULL;
	g_auto(Workbench) workbench = { NULL, NULL };
	if (!workbench_open(&workbench, context->config, &error))
		return command_fail(error);
	print_classes(workbench.catalogue, json);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
