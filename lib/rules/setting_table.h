/*
 * The settings: one table of what there is, read by settings_load() and by the manual page.
 *
 * A row says where in its record the value goes, so that a setting is added by adding a row
 * and a member.
 */
#pragma once

#include "rules/settings.h"

typedef enum {
	SETTING_TEXT,   /* char *, not empty */
	SETTING_EMPTY,  /* char *, may be empty */
	SETTING_URL,    /* char *; choices: the schemes */
	SETTING_COUNT,  /* guint */
	SETTING_SIZE,   /* gsize */
	SETTING_YES_NO, /* gboolean */
	SETTING_CHOICE, /* guint, index in choices */
	SETTING_LIST,   /* GPtrArray of char *, NULL-terminated */
	SETTING_START,  /* MailboxSettings.start and start_date */
	SETTING_GROUP,  /* rows of the same record */
	SETTING_GROUPS, /* mailboxes: rows of MailboxSettings */
} SettingType;

typedef struct SettingRow SettingRow;
struct SettingRow {
	const char *name; /* NULL ends a table */
	SettingType type;
	size_t offset; /* of the value in the record; of a group in its outer one */
	const char *fallback; /* as written in a file, without quotes; NULL: none */
	gint64 least, most;
	const char *const *choices;
	const SettingRow *rows; /* of a group */
	const char *help;       /* half a sentence for the manual page */
};

extern const SettingRow setting_table[];

/* "text", "whole number from 0 to 8760", "true or false" ...: for messages and the manual. */
char *setting_row_form(const SettingRow *row);
