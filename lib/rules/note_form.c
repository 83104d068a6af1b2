#include "rules/note_form.h"

#define INSIDE "notes"

static char *
find_file(const char *const *directories, const char *base)
{
	char *found = NULL;
	for (guint i = 0; directories[i] != NULL; i++) {
		g_autofree char *file =
		        g_build_filename(directories[i], INSIDE, base, NULL);
		if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
			continue;
		g_free(found);
		found = g_steal_pointer(&file);
	}
	return found;
}

static Template *
read_part(const char *const *directories, const char *base, Problems *problems)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = find_file(directories, base);
	if (file == NULL)
		return NULL;
	Template *template = template_load(file, directories, &error);
	if (error != NULL)
		problems_take(problems, g_steal_pointer(&error));
	return template;
}

void
note_form_read(NoteForm *form, const char *const *directories, Problems *problems)
{
	form->subject = read_part(directories, "subject.it.txt", problems);
	form->text = read_part(directories, "ticket.it.txt", problems);
	form->html = read_part(directories, "ticket.it.html", problems);
	if (form->subject == NULL || form->text == NULL || form->html == NULL)
		note_form_clear(form);
}

void
note_form_clear(NoteForm *form)
{
	g_clear_pointer(&form->subject, template_free);
	g_clear_pointer(&form->text, template_free);
	g_clear_pointer(&form->html, template_free);
}
