#include "rules/class_file.h"

#include <string.h>

#include "rules/document.h"
#include "rules/signature_file.h"

/* IMAP keywords are flag-keyword atoms (RFC 9051 9); longer ones meet server limits. */
#define TAG_LENGTH_MAX 60
#define TAG_SPECIALS "(){%*\"\\]"

static const char *const file_settings[] = { "class", "extend", NULL };
static const char *const class_settings[] = { "id", "title", "parent", "tag", "mode",
	"checklist", "move_to", "reply", "signatures", NULL };
static const char *const extension_settings[] = { "id", "title", "tag", "mode",
	"checklist", "move_to", "reply", "signatures", NULL };
static const char *const reply_languages[] = { "it", "en", NULL };
static const char *const item_names[] = { "sender", "recipient", "error_text", "date",
	"headers", "screenshot", "mailbox", NULL };

G_STATIC_ASSERT(G_N_ELEMENTS(reply_languages) == REPLY_LANGUAGES + 1);

void
class_free(Class *class)
{
	if (class == NULL)
		return;
	g_free(class->id);
	g_free(class->title);
	g_free(class->parent);
	g_free(class->tag);
	g_free(class->move_to);
	g_clear_pointer(&class->checklist, g_ptr_array_unref);
	g_clear_pointer(&class->signatures, g_ptr_array_unref);
	for (int i = 0; i < REPLY_LANGUAGES; i++)
		template_free(class->reply[i]);
	g_free(class->file);
	g_free(class);
}

void
class_file_free(ClassFile *class_file)
{
	if (class_file == NULL)
		return;
	class_free(class_file->class);
	g_free(class_file);
}

static gboolean
is_tag(const char *tag)
{
	gsize length = strlen(tag);
	if (length == 0 || length > TAG_LENGTH_MAX)
		return FALSE;
	for (const char *at = tag; *at != '\0'; at++) {
		if (!g_ascii_isgraph(*at) || strchr(TAG_SPECIALS, *at) != NULL)
			return FALSE;
	}
	return TRUE;
}

static void
read_tag(const config_setting_t *group, Class *class, Problems *problems)
{
	class->tag = setting_text(group, "tag", problems);
	if (class->tag != NULL && !is_tag(class->tag))
		setting_problem(setting_member(group, "tag"), problems,
		        "tag '%s' is no IMAP keyword: up to %d letters, digits, '-', "
		        "'_', '.'",
		        class->tag, TAG_LENGTH_MAX);
}

/* Empty: not moved, where a class is extended that was. */
static void
read_move_to(const config_setting_t *group, Class *class, Problems *problems)
{
	class->move_to = setting_text(group, "move_to", problems);
	for (const char *at = class->move_to; at != NULL && *at != '\0'; at++) {
		if (!g_ascii_iscntrl(*at))
			continue;
		setting_problem(setting_member(group, "move_to"), problems,
		        "class '%s': 'move_to' is no name of a folder", class->id);
		return;
	}
}

static void
read_checklist(const config_setting_t *group, Class *class, Problems *problems)
{
	class->checklist = setting_texts(group, "checklist", problems);
	for (guint i = 0; i < class->checklist->len; i++) {
		g_auto(GStrv) names = g_strsplit(class->checklist->pdata[i], "|", -1);
		for (guint j = 0; names[j] != NULL; j++) {
			if (names_index(item_names, names[j]) < 0)
				names_problem(setting_member(group, "checklist"),
				        "item", names[j], item_names, problems);
		}
	}
}

/* What the file names, or ID.LANG.txt beside it when that is there. */
static char *
find_reply(const config_setting_t *reply, const Class *class, const char *language,
        Problems *problems)
{
	g_autofree char *directory = g_path_get_dirname(class->file);
	g_autofree char *named =
	        reply != NULL ? setting_text(reply, language, problems) : NULL;
	if (named != NULL)
		return g_path_is_absolute(named)
		               ? g_strdup(named)
		               : g_build_filename(directory, named, NULL);
	g_autofree char *base = g_strdup_printf("%s.%s.txt", class->id, language);
	g_autofree char *beside = g_build_filename(directory, base, NULL);
	return g_file_test(beside, G_FILE_TEST_EXISTS) ? g_steal_pointer(&beside)
	                                               : NULL;
}

static void
read_replies(const config_setting_t *group, Partials *partials, Class *class,
        Problems *problems)
{
	const config_setting_t *reply = setting_group(group, "reply", problems);
	if (reply != NULL)
		setting_check_names(reply, reply_languages, problems);
	for (int i = 0; i < REPLY_LANGUAGES; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *file =
		        find_reply(reply, class, reply_languages[i], problems);
		if (file == NULL)
			continue;
		if (!g_file_test(file, G_FILE_TEST_IS_REGULAR)) {
			setting_problem(reply != NULL ? reply : group, problems,
			        "reply '%s' is not there", file);
			continue;
		}
		class->reply[i] = template_load_with(file, partials, &error);
		class->reply_is_bad = class->reply_is_bad || error != NULL;
		if (error != NULL)
			problems_take(problems, g_steal_pointer(&error));
	}
}

static ClassFile *
read_class(const config_setting_t *group, gboolean extends, Partials *partials,
        Problems *problems, Problems *warnings)
{
	ClassFile *class_file = g_new0(ClassFile, 1);
	Class *class = class_file->class = g_new0(Class, 1);
	class_file->extends = extends;
	class_file->has_mode = setting_member(group, "mode") != NULL;
	class_file->has_checklist = setting_member(group, "checklist") != NULL;
	class->file = g_strdup(setting_file(group));
	class->line = setting_line(group);
	setting_check_names(
	        group, extends ? extension_settings : class_settings, problems);
	class->id = setting_identifier(group, "id", problems);
	class->title = setting_text(group, "title", problems);
	if (class->title == NULL && !extends)
		setting_problem(group, problems, "class '%s': no title", class->id);
	class->parent = extends ? NULL : setting_text(group, "parent", problems);
	read_tag(group, class, problems);
	class->mode =
	        (Mode)setting_choice(group, "mode", mode_names, MODE_SEND, problems);
	read_checklist(group, class, problems);
	read_move_to(group, class, problems);
	class->signatures = signature_file_read(group, problems, warnings);
	read_replies(group, partials, class, problems);
	return class_file;
}

ClassFile *
class_file_read(
        const char *file, Partials *partials, Problems *problems, Problems *warnings)
{
	g_autoptr(Document) document = document_read(file, problems);
	if (document == NULL)
		return NULL;
	const config_setting_t *root = document_root(document);
	setting_check_names(root, file_settings, problems);
	const config_setting_t *class = setting_group(root, "class", problems);
	const config_setting_t *extend = setting_group(root, "extend", problems);
	if ((class == NULL) == (extend == NULL)) {
		problems_add(problems, file, 1,
		        "one of class = { } and extend = { } must stand here");
		return NULL;
	}
	return read_class(class != NULL ? class : extend, class == NULL, partials,
	        problems, warnings);
}

static void
take_text(char **target, char **source)
{
	if (*source == NULL)
		return;
	g_free(*target);
	*target = g_steal_pointer(source);
}

void
class_extend(Class *class, ClassFile *extension)
{
	Class *added = extension->class;
	take_text(&class->title, &added->title);
	take_text(&class->tag, &added->tag);
	take_text(&class->move_to, &added->move_to);
	if (extension->has_mode)
		class->mode = added->mode;
	if (extension->has_checklist) {
		g_ptr_array_unref(class->checklist);
		class->checklist = g_steal_pointer(&added->checklist);
	}
	for (int i = 0; i < REPLY_LANGUAGES; i++) {
		if (added->reply[i] == NULL)
			continue;
		template_free(class->reply[i]);
		class->reply[i] = g_steal_pointer(&added->reply[i]);
	}
	g_ptr_array_extend_and_steal(
	        class->signatures, g_steal_pointer(&added->signatures));
}
