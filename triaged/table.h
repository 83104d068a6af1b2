/*
 * Columns that a person reads: padded to the widest cell, wide and combining characters
 * counted as the terminal shows them, the last column left ragged.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct Table Table;

/* Titles, NULL-terminated; one that begins with '>' is of a column of numbers, set flush
 * right. */
Table *table_new(const char *const *titles);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* Add a row with as many cells as there are titles; NULL is shown as "-". Cells are made
 * one safe line each. Every TABLE_ROWS rows are printed by themselves, so that a list of a
 * million is not kept. */
#define TABLE_ROWS 500
void table_add(Table *table, FILE *stream, const char *const *cells);

/* Print what has been added. Nothing at all when no row ever was. */
void table_print(Table *table, FILE *stream);
