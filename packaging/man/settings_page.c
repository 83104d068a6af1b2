/* Prints the settings' part of triaged.conf(5), in mdoc(7), from the table that also reads
 * them; with --names everything that a configuration or a class can name, one per line, for
 * the test that the manual pages miss none. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "rules/setting_table.h"
#include "rules/signature.h"
#include "rules/template.h"

/* A line of text in mdoc: no macro, and backslashes as they are. */
static void
print_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++)
		fputs(*text == '\\' ? "\\e" : (char[]){ *text, '\0' }, stdout);
}

static void
print_default(const SettingRow *row)
{
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_EMPTY:
	case SETTING_URL:
	case SETTING_CHOICE:
	case SETTING_START:
		if (row->fallback != NULL)
			printf("; default \"%s\"", row->fallback);
		break;
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_YES_NO: printf("; default %s", row->fallback); break;
	case SETTING_LIST:
	case SETTING_GROUP:
	case SETTING_GROUPS: break;
	}
}

static void
print_sentence(const char *half)
{
	g_autofree char *sentence = g_strconcat(half, ".", NULL);
	sentence[0] = (char)toupper((unsigned char)sentence[0]);
	print_text(sentence);
	putchar('\n');
}

static void
print_rows(const char *path, const SettingRow *rows)
{
	for (; rows->name != NULL; rows++) {
		g_autofree char *name =
		        g_strconcat(path, *path != '\0' ? "." : "", rows->name, NULL);
		g_autofree char *form = setting_row_form(rows);
		printf(".It Ic %s\n", name);
		print_text(form);
		print_default(rows);
		fputs(".\n", stdout);
		print_sentence(rows->help);
		/* Those are the rows of mailboxes once more. */
		if (rows->rows != NULL && strcmp(rows->name, "defaults") != 0)
			print_rows(name, rows->rows);
	}
}

static void
print_names(const char *kind, const char *const *names)
{
	for (; *names != NULL; names++)
		printf("%s %s\n", kind, *names);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--names") == 0) {
		print_names("layer", layer_names);
		print_names("origin", origin_names);
		print_names("refused_by", refused_by_names);
		print_names("condition", condition_names);
		print_names("cue", cue_names);
		print_names("mode", mode_names);
		print_names("template", template_names);
		return 0;
	}
	puts(".Bl -tag -width Ds");
	print_rows("", setting_table);
	puts(".El");
	return 0;
}
