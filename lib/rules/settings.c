#include "rules/settings.h"

#include <string.h>

#include <gio/gio.h>

#include "rules/document.h"
#include "rules/setting_table.h"
#include "rules/setting_unknown.h"
#include "rules/settings_check.h"
#include "rules/settings_danger.h"

#define SITE_CATALOGUE "/etc/triaged/catalogue.d"

/* What a value is set into, and what is said about it. path: "reply.per_sender". */
typedef struct {
	const config_setting_t *setting;
	const SettingRow *row;
	const char *path;
	Problems *problems;
} Place;

static void read_rows(const config_setting_t *group, const char *path,
        const SettingRow *rows, void *record, Problems *problems);
static void set_defaults(const SettingRow *rows, void *record);

static void
server_forget_credential(ServerSettings *server)
{
	char **members[] = { &server->password_file, &server->password_command,
		&server->token_command, &server->credential };
	for (guint i = 0; i < G_N_ELEMENTS(members); i++)
		g_clear_pointer(members[i], g_free);
}

static void
server_clear(ServerSettings *server)
{
	char **members[] = { &server->url, &server->user, &server->password_file,
		&server->password_command, &server->token_command, &server->credential,
		&server->ca_file };
	for (guint i = 0; i < G_N_ELEMENTS(members); i++)
		g_clear_pointer(members[i], g_free);
}

static void
mailbox_settings_clear(MailboxSettings *mailbox)
{
	server_clear(&mailbox->imap);
	g_free(mailbox->name);
	g_free(mailbox->folder);
	g_free(mailbox->drafts);
	g_free(mailbox->sent);
	g_free(mailbox->handover);
	g_clear_pointer(&mailbox->handover_headers, g_ptr_array_unref);
}

static void
mailbox_settings_free(MailboxSettings *mailbox)
{
	mailbox_settings_clear(mailbox);
	g_free(mailbox);
}

void
settings_free(Settings *settings)
{
	if (settings == NULL)
		return;
	server_clear(&settings->smtp.server);
	mailbox_settings_clear(&settings->defaults);
	g_ptr_array_unref(settings->catalogue);
	g_ptr_array_unref(settings->identity.aliases);
	g_ptr_array_unref(settings->identity.agents);
	g_ptr_array_unref(settings->mailboxes);
	g_ptr_array_unref(settings->provider_hosts);
	g_clear_pointer(&settings->warnings, g_ptr_array_unref);
	g_free(settings->file);
	g_free(settings->instance);
	g_free(settings->state);
	g_free(settings->identity.name);
	g_free(settings->identity.address);
	g_free(settings->smtp.envelope_from);
	g_free(settings->reply.authserv_id);
	g_free(settings->metrics_file);
	g_free(settings->metrics_listen);
	g_free(settings);
}

static void
replace_text(void *member, const char *text)
{
	char **target = member;
	g_free(*target);
	*target = g_strdup(text);
}

static void
replace_list(void *member, GPtrArray *list)
{
	GPtrArray **target = member;
	g_clear_pointer(target, g_ptr_array_unref);
	*target = list;
}

/* A day of the host's own calendar, from its first moment. */
static gboolean
parse_start(const char *text, MailboxSettings *mailbox)
{
	static const char *const words[] = { "now", "all", NULL };
	int word = names_index(words, text);
	if (word >= 0) {
		mailbox->start = word == 0 ? START_NOW : START_ALL;
		return TRUE;
	}
	if (!g_regex_match_simple("^\\d{4}-\\d{2}-\\d{2}$", text, 0, 0))
		return FALSE;
	g_autoptr(GDateTime) day = g_date_time_new_local(
	        atoi(text), atoi(text + 5), atoi(text + 8), 0, 0, 0);
	if (day == NULL)
		return FALSE;
	mailbox->start = START_DATE;
	mailbox->start_date = g_date_time_to_unix(day);
	return TRUE;
}

/* Set a value from its written form; FALSE when the form is not the row's. */
static gboolean
set_text(const SettingRow *row, const char *text, void *member)
{
	int index;
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_EMPTY:
		for (const char *at = text; *at != '\0'; at++) {
			if (g_ascii_iscntrl(*at))
				return FALSE;
		}
		if (text[0] == '\0' && row->type == SETTING_TEXT)
			return FALSE;
		replace_text(member, text);
		return TRUE;
	case SETTING_URL:
		if (!settings_url_is_valid(text, row->choices))
			return FALSE;
		replace_text(member, text);
		return TRUE;
	case SETTING_CHOICE:
		index = names_index(row->choices, text);
		if (index >= 0)
			*(guint *)member = (guint)index;
		return index >= 0;
	case SETTING_START:
		return parse_start(
		        text, (MailboxSettings *)((char *)member -
		                                  offsetof(MailboxSettings, start)));
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_YES_NO:
	case SETTING_LIST:
	case SETTING_GROUP:
	case SETTING_GROUPS: break;
	}
	return FALSE;
}

static gboolean
set_number(const SettingRow *row, gint64 number, void *member)
{
	if (number < row->least || number > row->most)
		return FALSE;
	if (row->type == SETTING_SIZE)
		*(gsize *)member = (gsize)number;
	else
		*(guint *)member = (guint)number;
	return TRUE;
}

/* What the group "defaults" says of this mailbox; its problems are told where it is read for
 * itself. A credential of the mailbox's own takes the place of the inherited one. */
static void
inherit(const config_setting_t *own, const SettingRow *rows, MailboxSettings *mailbox)
{
	static const char *const credentials[] = { "password_file", "password_command",
		"token_command", "credential" };
	const config_setting_t *root =
	        config_setting_parent(config_setting_parent(own));
	const config_setting_t *group = setting_member(root, "defaults");
	const config_setting_t *imap = setting_member(own, "imap");
	g_autoptr(Problems) told = problems_new();
	if (group == NULL || !config_setting_is_group(group))
		return;
	read_rows(group, "", rows + 1, mailbox, told);
	if (imap == NULL || !config_setting_is_group(imap))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(credentials); i++)
		if (setting_member(imap, credentials[i]) != NULL)
			server_forget_credential(&mailbox->imap);
}

static void
read_mailboxes(const Place *place, Settings *settings)
{
	const config_setting_t *list = place->setting;
	for (guint i = 0; i < setting_length(list); i++) {
		MailboxSettings *mailbox = g_new0(MailboxSettings, 1);
		set_defaults(place->row->rows, mailbox);
		g_ptr_array_add(settings->mailboxes, mailbox);
		inherit(setting_nth(list, i), place->row->rows, mailbox);
		read_rows(setting_nth(list, i), place->path, place->row->rows, mailbox,
		        place->problems);
	}
}

static gboolean
read_group(const Place *place, void *member)
{
	if (!config_setting_is_group(place->setting))
		return FALSE;
	read_rows(
	        place->setting, place->path, place->row->rows, member, place->problems);
	return TRUE;
}

static gboolean
is_list_of_groups(const config_setting_t *setting)
{
	gboolean fits = config_setting_is_list(setting);
	for (guint i = 0; fits && i < setting_length(setting); i++)
		fits = config_setting_is_group(setting_nth(setting, i));
	return fits;
}

static gboolean
read_list(const Place *place, void *member)
{
	const config_setting_t *setting = place->setting;
	if (!config_setting_is_array(setting) && !config_setting_is_list(setting))
		return FALSE;
	for (guint i = 0; i < setting_length(setting); i++) {
		const char *text = config_setting_get_string_elem(setting, (int)i);
		if (text == NULL || text[0] == '\0' || !g_utf8_validate(text, -1, NULL))
			return FALSE;
	}
	replace_list(member, setting_texts(config_setting_parent(setting),
	                             config_setting_name(setting), place->problems));
	return TRUE;
}

/* FALSE when the value is not of the row's form. */
static gboolean
read_value(const Place *place, void *record)
{
	const config_setting_t *setting = place->setting;
	int type = config_setting_type(setting);
	void *member = (char *)record + place->row->offset;
	const char *text = config_setting_get_string(setting);
	switch (place->row->type) {
	case SETTING_TEXT:
	case SETTING_EMPTY:
	case SETTING_URL:
	case SETTING_CHOICE:
	case SETTING_START:
		return text != NULL && g_utf8_validate(text, -1, NULL) &&
		       set_text(place->row, text, member);
	case SETTING_COUNT:
	case SETTING_SIZE:
		return (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) &&
		       set_number(
		               place->row, config_setting_get_int64(setting), member);
	case SETTING_YES_NO:
		if (type == CONFIG_TYPE_BOOL)
			*(gboolean *)member = config_setting_get_bool(setting);
		return type == CONFIG_TYPE_BOOL;
	case SETTING_LIST: return read_list(place, member);
	case SETTING_GROUP: return read_group(place, member);
	case SETTING_GROUPS:
		if (!is_list_of_groups(setting))
			return FALSE;
		read_mailboxes(place, record);
		return TRUE;
	}
	return FALSE;
}

/* What the value is instead; a URL may hold a secret and is not said. */
static void
note_wrong_value(const Place *place)
{
	const SettingRow *row = place->row;
	const char *text = config_setting_get_string(place->setting);
	g_autofree char *form = setting_row_form(row);
	g_autofree char *instead = NULL;
	if (text != NULL && row->type == SETTING_URL)
		instead = settings_url_problem(text, row->choices);
	else if (text != NULL && row->type == SETTING_CHOICE)
		instead = setting_choice_words(row, text);
	else if (text != NULL && (row->type == SETTING_COUNT ||
	                                 row->type == SETTING_SIZE ||
	                                 row->type == SETTING_YES_NO))
		instead = g_strdup(", without quotes");
	setting_problem(place->setting, place->problems, "setting '%s' must be %s%s",
	        place->path, form, instead != NULL ? instead : "");
}

static void
read_setting(const config_setting_t *setting, const char *path, const SettingRow *rows,
        void *record, Problems *problems)
{
	const char *name = config_setting_name(setting);
	const SettingRow *row = rows;
	g_autofree char *full = g_strconcat(path, path[0] ? "." : "", name, NULL);
	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	if (row->name == NULL) {
		g_autofree char *words = setting_unknown_words(rows, full);
		setting_problem(
		        setting, problems, "unknown setting '%s'%s", full, words);
		return;
	}
	Place place = { setting, row, full, problems };
	if (!read_value(&place, record))
		note_wrong_value(&place);
}

static void
read_rows(const config_setting_t *group, const char *path, const SettingRow *rows,
        void *record, Problems *problems)
{
	for (guint i = 0; i < setting_length(group); i++)
		read_setting(setting_nth(group, i), path, rows, record, problems);
}

static void
set_default(const SettingRow *row, void *member)
{
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_EMPTY:
	case SETTING_URL:
	case SETTING_CHOICE:
	case SETTING_START:
		if (row->fallback != NULL)
			set_text(row, row->fallback, member);
		break;
	case SETTING_COUNT:
	case SETTING_SIZE:
		set_number(row, g_ascii_strtoll(row->fallback, NULL, 10), member);
		break;
	case SETTING_YES_NO:
		*(gboolean *)member = strcmp(row->fallback, "true") == 0;
		break;
	case SETTING_LIST:
		replace_list(member, g_ptr_array_new_null_terminated(0, g_free, TRUE));
		break;
	case SETTING_GROUP: set_defaults(row->rows, member); break;
	case SETTING_GROUPS:
		replace_list(member, g_ptr_array_new_with_free_func(
		                             (GDestroyNotify)mailbox_settings_free));
		break;
	}
}

static void
set_defaults(const SettingRow *rows, void *record)
{
	for (; rows->name != NULL; rows++)
		set_default(rows, (char *)record + rows->offset);
}

/* Beside a program that was not installed where it was configured for. */
static char *
catalogue_beside_program(void)
{
	static const char *const places[] = { "../share/triaged/catalogue",
		"../config/catalogue" };
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *directory =
	        program != NULL ? g_path_get_dirname(program) : g_strdup(".");
	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *place = g_build_filename(directory, places[i], NULL);
		if (g_file_test(place, G_FILE_TEST_IS_DIR))
			return g_canonicalize_filename(place, NULL);
	}
	return NULL;
}

char *
settings_shipped_catalogue(void)
{
	const char *data = g_getenv("TRIAGED_DATADIR");
	if (data != NULL)
		return g_build_filename(data, "catalogue", NULL);
	char *beside = catalogue_beside_program();
	return beside != NULL ? beside : g_strdup(PKGDATADIR "/catalogue");
}

Settings *
settings_default(void)
{
	Settings *settings = g_new0(Settings, 1);
	set_defaults(setting_table, settings);
	settings->instance = g_strdup(g_get_host_name());
	g_ptr_array_add(settings->catalogue, settings_shipped_catalogue());
	if (g_file_test(SITE_CATALOGUE, G_FILE_TEST_IS_DIR))
		g_ptr_array_add(settings->catalogue, g_strdup(SITE_CATALOGUE));
	settings->warnings = g_ptr_array_new_with_free_func(g_free);
	return settings;
}

static Settings *
load(const char *file, gboolean complete, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Problems) warnings = problems_new();
	g_autoptr(Document) document = document_read(file, problems);
	g_autoptr(Settings) settings = settings_default();
	settings->file = g_strdup(file);
	if (document != NULL) {
		const config_setting_t *root = document_root(document);
		read_rows(root, "", setting_table, settings, problems);
		settings_check(root, settings, complete, problems, warnings);
		settings_danger(root, settings, problems, warnings);
	}
	if (!problems_none(problems, error))
		return NULL;
	replace_list(&settings->warnings, problems_lines(warnings));
	return g_steal_pointer(&settings);
}

Settings *
settings_load(const char *file, GError **error)
{
	return load(file, TRUE, error);
}

Settings *
settings_load_partial(const char *file, GError **error)
{
	return load(file, FALSE, error);
}

static gboolean
directories_are_there(const Settings *settings, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	for (guint i = 0; i < settings->catalogue->len; i++) {
		const char *directory = settings->catalogue->pdata[i];
		if (!g_file_test(directory, G_FILE_TEST_IS_DIR))
			problems_add(problems, settings->file, settings->catalogue_line,
			        "no catalogue directory '%s'", directory);
	}
	return problems_none(problems, error);
}

Catalogue *
settings_load_catalogue(const Settings *settings, GError **error)
{
	/* Without a setting its place says nothing: the loader names what it misses. */
	if (settings->catalogue_line > 0 && !directories_are_there(settings, error))
		return NULL;
	return catalogue_load((const char *const *)settings->catalogue->pdata, error);
}
