#include "triaged/mail_files.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"

#define DEPTH_MAX 32
#define STDIN_CHUNK 65536

typedef struct {
	MailFileVisitor visit;
	gpointer data;
} Walk;

static const char *const other_suffixes[] = { ".tsv", ".csv", ".md", ".json", ".jsonl",
	".conf", ".expect", ".png", ".jpg", ".gif", ".pdf", ".wav", ".py", ".sh",
	".gitattributes" };

static gboolean
name_says_no_mail(const char *name)
{
	if (strcmp(name, "LICENSE") == 0 || strcmp(name, "README") == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(other_suffixes); i++) {
		if (g_str_has_suffix(name, other_suffixes[i]))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_separator(const char *text, gsize length)
{
	return length > 5 && memcmp(text, "From ", 5) == 0;
}

/* Where the next mail of an mbox begins: "From " behind an empty line (RFC 4155). */
static const char *
next_mail(const char *at, const char *end)
{
	while ((at = memchr(at, '\n', (gsize)(end - at))) != NULL) {
		at++;
		const char *line = at < end && *at == '\r' ? at + 1 : at;
		if (line < end && *line == '\n' &&
		        is_separator(line + 1, (gsize)(end - line - 1)))
			return line + 1;
	}
	return end;
}

static void
visit_mbox(const Walk *walk, const char *path, GBytes *bytes)
{
	gsize size;
	const char *text = g_bytes_get_data(bytes, &size);
	const char *end = text + size;
	for (guint number = 1; text < end; number++) {
		const char *next = next_mail(text, end);
		const char *line_end = memchr(text, '\n', (gsize)(end - text));
		const char *start = line_end != NULL ? line_end + 1 : next;
		g_autofree char *name = g_strdup_printf("%s:%u", path, number);
		g_autoptr(GBytes) mail = g_bytes_new_from_bytes(bytes,
		        (gsize)(start - (const char *)g_bytes_get_data(bytes, NULL)),
		        (gsize)(next - start));
		walk->visit(name, mail, NULL, walk->data);
		text = next;
	}
}

/* A file called .eml is one mail, even behind a stray "From " line and with another in its
 * text; so is any other in which no second mail follows. */
static void
visit_bytes(const Walk *walk, const char *name, GBytes *bytes)
{
	gsize size;
	const char *text = g_bytes_get_data(bytes, &size);
	if (!g_str_has_suffix(name, ".eml") && size > 0 && is_separator(text, size) &&
	        next_mail(text, text + size) < text + size)
		visit_mbox(walk, name, bytes);
	else
		walk->visit(name, bytes, NULL, walk->data);
}

static void
visit_error(const Walk *walk, const char *name, const GError *cause)
{
	g_autoptr(GError) error = g_error_new(TRIAGED_ERROR, ERROR_INPUT,
	        "cannot read '%s': %s", name, cause->message);
	walk->visit(name, NULL, error, walk->data);
}

static void
visit_file(const Walk *walk, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &error);
	if (file == NULL) {
		visit_error(walk, path, error);
		return;
	}
	g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(file);
	visit_bytes(walk, path, bytes);
}

static void
visit_stdin(const Walk *walk)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	g_autofree guint8 *chunk = g_malloc(STDIN_CHUNK);
	gsize got;
	while ((got = fread(chunk, 1, STDIN_CHUNK, stdin)) > 0)
		g_byte_array_append(all, chunk, (guint)got);
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&all));
	visit_bytes(walk, "-", bytes);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean
is_maildir(const char *path)
{
	g_autofree char *current = g_build_filename(path, "cur", NULL);
	g_autofree char *new = g_build_filename(path, "new", NULL);
	return g_file_test(current, G_FILE_TEST_IS_DIR) &&
	       g_file_test(new, G_FILE_TEST_IS_DIR);
}

static void visit_directory(const Walk *walk, const char *path, guint depth);

static void
visit_entry(const Walk *walk, const char *path, const char *name, guint depth)
{
	g_autofree char *child = g_build_filename(path, name, NULL);
	if (g_file_test(child, G_FILE_TEST_IS_DIR)) {
		/* a link that leads back would never end */
		if (depth < DEPTH_MAX && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
			visit_directory(walk, child, depth + 1);
	} else if (!name_says_no_mail(name)) {
		visit_file(walk, child);
	}
}

static void
visit_directory(const Walk *walk, const char *path, guint depth)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) directory = g_dir_open(path, 0, &error);
	if (directory == NULL) {
		visit_error(walk, path, error);
		return;
	}
	gboolean maildir = is_maildir(path);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	for (const char *name; (name = g_dir_read_name(directory)) != NULL;) {
		/* Maildir++ keeps its folders in hidden directories. */
		gboolean hidden = *name == '.' && !maildir;
		if (!hidden && !(maildir && strcmp(name, "tmp") == 0))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *child = g_build_filename(path, name, NULL);
		/* beside a Maildir's directories lie the server's own files */
		if (!maildir || g_file_test(child, G_FILE_TEST_IS_DIR))
			visit_entry(walk, path, name, depth);
	}
}

void
mail_files_visit(const char *path, MailFileVisitor visit, gpointer data)
{
	Walk walk = { visit, data };
	if (strcmp(path, "-") == 0)
		visit_stdin(&walk);
	else if (g_file_test(path, G_FILE_TEST_IS_DIR))
		visit_directory(&walk, path, 0);
	else
		visit_file(&walk, path);
}
