#include <string.h>

#include "rules/nearest.h"
#include "rules/problems.h"
#include "rules/template_node.h"

/* A reply is a page or two, written by hand. */
#define TEMPLATE_BYTES_MAX (64 * 1024)
#define TEMPLATE_DEPTH_MAX 8

const char *const template_names[] = { "name", "title", "ticket", "signature", "found",
	"found_items", "value", "is_sender", "is_recipient", "is_error_text", "is_date",
	"is_headers", "is_screenshot", "is_mailbox", "missing", "missing_items",
	"is_error_text_or_screenshot", "complete", "has_checklist", "promised",
	"error_line", "sender", "recipient", "mailbox", "date", "unreadable",
	"unreadable_items", "follow_up", "handed_over", "limit_note", "count", "noted",
	"noted_items", "previous",
	/* of agents' notes (rules/note_form.h) */
	"mail_id", "class", "detail", "confidence", "runner_up", "evidence_items",
	"where", "part", "line", "is_report", "is_attached", "is_forwarded",
	"is_pasted", "is_quoted", "is_dialog", "is_words", "is_subject", "is_replied",
	"is_drafted", "is_held", "is_no_reply", "is_failed", "answered_to", "reason",
	"reason_auto_submitted", "reason_precedence", "reason_list",
	"reason_auto_response_suppress", "reason_null_sender", "reason_system_sender",
	"reason_report", "reason_receipt", "reason_own", "reason_loop",
	"reason_not_addressed_to_us", "reason_spam", "reason_unauthenticated",
	"reason_too_old", "reason_bounced_before", "reason_sender_limit",
	"reason_conversation_limit", "reason_global_limit", "reason_class",
	"reason_agent_answered", "reason_human_wanted", "reason_not_helped",
	"reason_handed_over", "reason_low_confidence", "reason_not_a_ticket", NULL };

/* A partial that was read without a problem. */
typedef struct {
	GPtrArray *children; /* of Node */
	guint height; /* how many more sections and partials stand in one another */
} Partial;

struct Partials {
	const char *const *directories;
	GHashTable *read; /* of Partial, by the file's name without its directory */
};

/* A file being read, from the line and byte that are not read yet. */
typedef struct {
	const char *file;
	Partials *partials;
	const char *const *names;
	Problems *problems;
	const char *start, *at;
	const char *silent_end; /* up to here literals are not shown */
	int line;
	guint depth;
	guint deepest; /* that depth was */
} Reader;

static void
partial_free(Partial *partial)
{
	g_ptr_array_unref(partial->children);
	g_free(partial);
}

Partials *
partials_new(const char *const *directories)
{
	Partials *partials = g_new0(Partials, 1);
	partials->directories = directories;
	partials->read = g_hash_table_new_full(
	        g_str_hash, g_str_equal, g_free, (GDestroyNotify)partial_free);
	return partials;
}

void
partials_free(Partials *partials)
{
	if (partials == NULL)
		return;
	g_hash_table_unref(partials->read);
	g_free(partials);
}

/* One {{...}}: where it ends and what it says. */
typedef struct {
	const char *end;
	char sigil; /* '#', '^', '/', '!', '>' or 0 */
	char *name;
} Tag;

static void
tag_clear(Tag *tag)
{
	g_free(tag->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tag, tag_clear)

static gboolean
parse_tag(const char *start, Tag *tag)
{
	const char *close =
	        start[0] == '{' && start[1] == '{' ? strstr(start, "}}") : NULL;
	if (close == NULL)
		return FALSE;
	char *name = g_strstrip(g_strndup(start + 2, close - start - 2));
	tag->end = close + 2;
	tag->sigil = 0;
	if (name[0] != '\0' && strchr("#^/!>", name[0]) != NULL) {
		tag->sigil = name[0];
		memmove(name, name + 1, strlen(name));
	}
	tag->name = g_strchug(name);
	return TRUE;
}

/* The end of a line that holds nothing but sections, comments and partials; NULL when it
 * says something. */
static const char *
silent_line_end(const char *at)
{
	gboolean tags = FALSE;
	for (;;) {
		at += strspn(at, " \t\r");
		g_auto(Tag) tag = { 0 };
		if (!parse_tag(at, &tag) || tag.sigil == 0)
			break;
		tags = TRUE;
		at = tag.end;
	}
	if (!tags || (*at != '\n' && *at != '\0'))
		return NULL;
	return *at == '\n' ? at + 1 : at;
}

static void read_nodes(
        Reader *reader, GPtrArray *nodes, const char *section, int opened);

/* A partial's name is a file's: nothing that could leave the directory. */
static gboolean
is_partial_name(const char *name)
{
	return name[0] != '\0' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(name);
}

/* "it" of "/x/spam-detected.it.txt"; "" when there is none. */
static char *
language_of(const char *file)
{
	g_autofree char *base = g_path_get_basename(file);
	g_auto(GStrv) words = g_strsplit(base, ".", -1);
	guint count = g_strv_length(words);
	return g_strdup(count >= 3 ? words[count - 2] : "");
}

static char *
find_partial(const Partials *partials, const char *base)
{
	const char *const *directories = partials->directories;
	char *found = NULL;
	for (guint i = 0; directories != NULL && directories[i] != NULL; i++) {
		g_autofree char *file =
		        g_build_filename(directories[i], "partials", base, NULL);
		if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
			continue;
		g_free(found);
		found = g_steal_pointer(&file);
	}
	return found;
}

static int
line_at(const char *source, const char *at)
{
	int line = 1;
	for (; source < at; source++)
		line += *source == '\n';
	return line;
}

static char *
read_source(const char *file, int line, const char *asked_by, Problems *problems)
{
	g_autofree char *source = NULL;
	g_autoptr(GError) error = NULL;
	const char *valid = NULL;
	gsize length = 0;
	if (!g_file_get_contents(file, &source, &length, &error))
		problems_add(problems, asked_by, line, "%s", error->message);
	else if (length > TEMPLATE_BYTES_MAX)
		problems_add(
		        problems, file, 0, "larger than %d bytes", TEMPLATE_BYTES_MAX);
	else if (!g_utf8_validate(source, (gssize)length, &valid))
		problems_add(problems, file, line_at(source, valid), "not valid UTF-8");
	else
		return g_steal_pointer(&source);
	return NULL;
}

/* Note in the one that asked how deep the nodes inside went. */
static void
reader_went(Reader *reader, guint depth)
{
	reader->deepest = MAX(reader->deepest, depth);
}

/* Read the partial's file; NULL where it cannot be. Kept for the next that asks, unless it has
 * problems, which every template that holds it tells. */
static GPtrArray *
read_partial_file(Reader *reader, const char *file, const char *base)
{
	guint before = problems_count(reader->problems);
	g_autofree char *source =
	        read_source(file, reader->line, reader->file, reader->problems);
	if (source == NULL)
		return NULL;
	Reader inside = *reader;
	inside.file = file;
	inside.start = inside.at = source;
	inside.silent_end = NULL;
	inside.line = 1;
	inside.deepest = ++inside.depth;
	GPtrArray *children = nodes_new();
	read_nodes(&inside, children, NULL, 0);
	reader_went(reader, inside.deepest);
	if (problems_count(reader->problems) == before) {
		Partial *partial = g_new0(Partial, 1);
		partial->children = g_ptr_array_ref(children);
		partial->height = inside.deepest - reader->depth;
		g_hash_table_replace(reader->partials->read, g_strdup(base), partial);
	}
	return children;
}

/* Some thirty partials stand in hundreds of places: each is read once. */
static GPtrArray *
known_partial(Reader *reader, const char *base)
{
	const Partial *partial = g_hash_table_lookup(reader->partials->read, base);
	if (partial == NULL || reader->depth + partial->height > TEMPLATE_DEPTH_MAX)
		return NULL;
	reader_went(reader, reader->depth + partial->height);
	return g_ptr_array_ref(partial->children);
}

static void
read_partial(Reader *reader, GPtrArray *nodes, const char *name)
{
	if (!is_partial_name(name) || reader->depth >= TEMPLATE_DEPTH_MAX) {
		problems_add(reader->problems, reader->file, reader->line,
		        is_partial_name(name) ? "partial '%s' stands too deep in others"
		                              : "'%s' is no name of a partial",
		        name);
		return;
	}
	g_autofree char *language = language_of(reader->file);
	g_autofree char *base = g_strdup_printf("%s.%s.txt", name, language);
	GPtrArray *children = known_partial(reader, base);
	g_autofree char *file =
	        children == NULL ? find_partial(reader->partials, base) : NULL;
	if (file != NULL)
		children = read_partial_file(reader, file, base);
	else if (children == NULL)
		problems_add(reader->problems, reader->file, reader->line,
		        "no partial '%s' in any catalogue directory", name);
	if (children != NULL)
		nodes_add(nodes, NODE_PARTIAL, name, strlen(name), children);
}

static void
check_name(const Reader *reader, const char *name)
{
	if (!g_strv_contains(reader->names, name))
		problems_add(reader->problems, reader->file, reader->line,
		        "unknown name '%s', did you mean '%s'?", name,
		        nearest_name(name, reader->names));
}

static void
read_section(Reader *reader, GPtrArray *nodes, const Tag *tag)
{
	check_name(reader, tag->name);
	if (reader->depth >= TEMPLATE_DEPTH_MAX) {
		problems_add(reader->problems, reader->file, reader->line,
		        "section '%s' stands too deep in others", tag->name);
		reader->at += strlen(reader->at);
		return;
	}
	GPtrArray *children = nodes_new();
	nodes_add(nodes, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED, tag->name,
	        strlen(tag->name), children);
	reader_went(reader, ++reader->depth);
	read_nodes(reader, children, tag->name, reader->line);
	reader->depth--;
}

/* Whether the tag closes the section that is being read. */
static gboolean
read_tag(Reader *reader, GPtrArray *nodes, const Tag *tag, const char *section)
{
	for (const char *at = reader->at; at < tag->end; at++)
		reader->line += *at == '\n';
	reader->at = tag->end;
	switch (tag->sigil) {
	case '!': break;
	case '>': read_partial(reader, nodes, tag->name); break;
	case '#':
	case '^': read_section(reader, nodes, tag); break;
	case '/':
		if (g_strcmp0(section, tag->name) == 0)
			return TRUE;
		problems_add(reader->problems, reader->file, reader->line,
		        "'%s' is closed where it is not open", tag->name);
		break;
	default:
		check_name(reader, tag->name);
		nodes_add(nodes, NODE_VALUE, tag->name, strlen(tag->name), NULL);
	}
	return FALSE;
}

/* One literal: up to the next tag or over the next line end, whichever is nearer. */
static void
read_literal(Reader *reader, GPtrArray *nodes)
{
	gsize length = strcspn(reader->at, "\n");
	const char *tag = g_strstr_len(reader->at, length, "{{");
	if (tag != NULL && tag > reader->at)
		length = tag - reader->at;
	else if (reader->at[length] == '\n')
		length++;
	if (reader->silent_end == NULL || reader->at >= reader->silent_end)
		nodes_add(nodes, NODE_LITERAL, reader->at, length, NULL);
	reader->line += reader->at[length - 1] == '\n';
	reader->at += length;
}

/* section: the one that is open, or NULL; opened: its line. */
static void
read_nodes(Reader *reader, GPtrArray *nodes, const char *section, int opened)
{
	while (*reader->at != '\0') {
		if (reader->at == reader->start || reader->at[-1] == '\n')
			reader->silent_end = silent_line_end(reader->at);
		g_auto(Tag) tag = { 0 };
		if (!g_str_has_prefix(reader->at, "{{")) {
			read_literal(reader, nodes);
		} else if (parse_tag(reader->at, &tag)) {
			if (read_tag(reader, nodes, &tag, section))
				return;
		} else {
			problems_add(reader->problems, reader->file, reader->line,
			        "'{{' without '}}'");
			reader->at += strlen(reader->at);
			return;
		}
	}
	if (section != NULL)
		problems_add(reader->problems, reader->file, opened,
		        "section '%s' is not closed", section);
}

static Template *
load(const char *file, Partials *partials, const char *const *names, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autofree char *source = read_source(file, 0, file, problems);
	g_autoptr(Template) template = g_new0(Template, 1);
	template->nodes = nodes_new();
	if (source != NULL && strspn(source, " \t\r\n") == strlen(source))
		problems_add(problems, file, 1, "the template is empty");
	else if (source != NULL) {
		Reader reader = { .file = file,
			.partials = partials,
			.names = names,
			.problems = problems,
			.start = source,
			.at = source,
			.line = 1 };
		read_nodes(&reader, template->nodes, NULL, 0);
	}
	if (!problems_none(problems, error))
		return NULL;
	return g_steal_pointer(&template);
}

Template *
template_load_named(const char *file, const char *const *directories,
        const char *const *names, GError **error)
{
	g_autoptr(Partials) partials = partials_new(directories);
	return load(file, partials, names, error);
}

Template *
template_load(const char *file, const char *const *directories, GError **error)
{
	return template_load_named(file, directories, template_names, error);
}

Template *
template_load_with(const char *file, Partials *partials, GError **error)
{
	return load(file, partials, template_names, error);
}
