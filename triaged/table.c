#include "triaged/table.h"

#include "base/text.h"

#include <string.h>

#define GAP "  "
#define CELL_CHARS 200

struct Table {
	guint columns;
	GStrv titles;
	gboolean *numbers; /* per column: flush right */
	gint *widths;      /* per column, in terminal cells; only ever grows */
	GPtrArray *rows;   /* of GStrv */
	gboolean begun;    /* the titles are printed */
};

static gint
text_width(const char *text)
{
	gint width = 0;
	/* What stands in most cells: no look into Unicode's tables for it. */
	for (; g_ascii_isprint(*text); text++)
		width++;
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar letter = g_utf8_get_char(text);
		if (!g_unichar_iszerowidth(letter))
			width += g_unichar_iswide(letter) ? 2 : 1;
	}
	return width;
}

Table *
table_new(const char *const *titles)
{
	Table *table = g_new0(Table, 1);
	table->titles = g_strdupv((char **)titles);
	table->columns = g_strv_length(table->titles);
	table->numbers = g_new0(gboolean, table->columns);
	table->widths = g_new0(gint, table->columns);
	table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	for (guint i = 0; i < table->columns; i++) {
		char *title = table->titles[i];
		table->numbers[i] = title[0] == '>';
		if (table->numbers[i])
			memmove(title, title + 1, strlen(title));
		table->widths[i] = text_width(title);
	}
	return table;
}

void
table_free(Table *table)
{
	if (table == NULL)
		return;
	g_strfreev(table->titles);
	g_free(table->numbers);
	g_free(table->widths);
	g_ptr_array_unref(table->rows);
	g_free(table);
}

void
table_add(Table *table, FILE *stream, const char *const *cells)
{
	GStrv row = g_new0(char *, table->columns + 1);
	for (guint i = 0; i < table->columns; i++) {
		gboolean empty = cells[i] == NULL || cells[i][0] == '\0';
		row[i] = text_one_line(empty ? "-" : cells[i], CELL_CHARS);
		table->widths[i] = MAX(table->widths[i], text_width(row[i]));
	}
	g_ptr_array_add(table->rows, row);
	if (table->rows->len == TABLE_ROWS)
		table_print(table, stream);
}

static void
print_spaces(FILE *stream, gint count)
{
	static const char spaces[] = "                                ";
	const gint most = sizeof spaces - 1;
	for (; count > 0; count -= most)
		fwrite(spaces, 1, (size_t)MIN(count, most), stream);
}

static void
print_row(const Table *table, FILE *stream, char **cells)
{
	for (guint i = 0; i < table->columns; i++) {
		gboolean last = i + 1 == table->columns;
		gint padding = table->widths[i] - text_width(cells[i]);
		if (table->numbers[i])
			print_spaces(stream, padding);
		fputs(cells[i], stream);
		if (!table->numbers[i] && !last)
			print_spaces(stream, padding);
		fputs(last ? "\n" : GAP, stream);
	}
}

void
table_print(Table *table, FILE *stream)
{
	if (table->rows->len > 0 && !table->begun) {
		print_row(table, stream, table->titles);
		table->begun = TRUE;
	}
	for (guint i = 0; i < table->rows->len; i++)
		print_row(table, stream, table->rows->pdata[i]);
	g_ptr_array_set_size(table->rows, 0);
}
