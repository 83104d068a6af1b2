#include "rules/template.h"

#include <string.h>

#include "rules/nearest.h"
#include "rules/problems.h"

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

typedef enum {
	NODE_LITERAL,
	NODE_VALUE,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_PARTIAL
} NodeKind;

typedef struct {
	NodeKind kind;
	char *text;          /* the literal, or the name */
	GPtrArray *children; /* of Node: a section's or partial's inside; else NULL */
} Node;

struct Template {
	GPtrArray *nodes;
};

static void
node_free(Node *node)
{
	g_free(node->text);
	if (node->children != NULL)
		g_ptr_array_unref(node->children);
	g_free(node);
}

void
template_free(Template *template)
{
	if (template == NULL)
		return;
	g_ptr_array_unref(template->nodes);
	g_free(template);
}

static GPtrArray *
nodes_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
}

static void
nodes_add(GPtrArray *nodes, NodeKind kind, const char *text, gsize length,
        GPtrArray *children)
{
	Node *node = g_new0(Node, 1);
	node->kind = kind;
	node->text = g_strndup(text, length);
	node->children = children;
	g_ptr_array_add(nodes, node);
}

/* A file being read, from the line and byte that are not read yet. */
typedef struct {
	const char *file;
	const char *const *directories;
	const char *const *names;
	Problems *problems;
	const char *start, *at;
	const char *silent_end; /* up to here literals are not shown */
	int line;
	guint depth;
} Reader;

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
find_partial(const Reader *reader, const char *name)
{
	g_autofree char *language = language_of(reader->file);
	g_autofree char *base = g_strdup_printf("%s.%s.txt", name, language);
	char *found = NULL;
	for (guint i = 0; reader->directories != NULL && reader->directories[i] != NULL;
	        i++) {
		g_autofree char *file = g_build_filename(
		        reader->directories[i], "partials", base, NULL);
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
	g_autofree char *file = find_partial(reader, name);
	if (file == NULL) {
		problems_add(reader->problems, reader->file, reader->line,
		        "no partial '%s' in any catalogue directory", name);
		return;
	}
	g_autofree char *source =
	        read_source(file, reader->line, reader->file, reader->problems);
	if (source == NULL)
		return;
	Reader inside = *reader;
	inside.file = file;
	inside.start = inside.at = source;
	inside.silent_end = NULL;
	inside.line = 1;
	inside.depth++;
	GPtrArray *children = nodes_new();
	nodes_add(nodes, NODE_PARTIAL, name, strlen(name), children);
	read_nodes(&inside, children, NULL, 0);
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
	reader->depth++;
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

Template *
template_load_named(const char *file, const char *const *directories,
        const char *const *names, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autofree char *source = read_source(file, 0, file, problems);
	g_autoptr(Template) template = g_new0(Template, 1);
	template->nodes = nodes_new();
	if (source != NULL && strspn(source, " \t\r\n") == strlen(source))
		problems_add(problems, file, 1, "the template is empty");
	else if (source != NULL) {
		Reader reader = { .file = file,
			.directories = directories,
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
template_load(const char *file, const char *const *directories, GError **error)
{
	return template_load_named(file, directories, template_names, error);
}

/* Where the filled text goes, and whether values are escaped for it. */
typedef struct {
	GString *text;
	gboolean markup;
} Output;

static void fill_nodes(const GPtrArray *nodes, const Values *values, Output *out);

static void
fill_value(const char *text, Output *out)
{
	g_autofree char *escaped =
	        text != NULL && out->markup ? g_markup_escape_text(text, -1) : NULL;
	if (text != NULL)
		g_string_append(out->text, escaped != NULL ? escaped : text);
}

static void
fill_section(const Node *node, const Values *values, Output *out)
{
	const GPtrArray *list = values_list(values, node->text);
	for (guint i = 0; list != NULL && i < list->len; i++)
		fill_nodes(node->children, list->pdata[i], out);
	if (list == NULL && values_text(values, node->text) != NULL)
		fill_nodes(node->children, values, out);
}

static void
fill_nodes(const GPtrArray *nodes, const Values *values, Output *out)
{
	for (guint i = 0; i < nodes->len; i++) {
		const Node *node = nodes->pdata[i];
		switch (node->kind) {
		case NODE_LITERAL: g_string_append(out->text, node->text); break;
		case NODE_VALUE:
			fill_value(values_text(values, node->text), out);
			break;
		case NODE_SECTION: fill_section(node, values, out); break;
		case NODE_INVERTED:
			if (values_list(values, node->text) == NULL &&
			        values_text(values, node->text) == NULL)
				fill_nodes(node->children, values, out);
			break;
		case NODE_PARTIAL: fill_nodes(node->children, values, out); break;
		}
	}
}

/* Literals are gathered until a value comes between. */
typedef struct {
	GString *text;
	TemplateTextVisitor visit;
	gpointer data;
} Texts;

static void
tell_text(Texts *texts)
{
	if (texts->text->len > 0)
		texts->visit(texts->text->str, texts->data);
	g_string_truncate(texts->text, 0);
}

static void
gather_texts(const GPtrArray *nodes, Texts *texts)
{
	for (guint i = 0; i < nodes->len; i++) {
		const Node *node = g_ptr_array_index(nodes, i);
		switch (node->kind) {
		case NODE_LITERAL: g_string_append(texts->text, node->text); break;
		case NODE_VALUE: tell_text(texts); break;
		case NODE_SECTION:
		case NODE_INVERTED:
		case NODE_PARTIAL: gather_texts(node->children, texts); break;
		}
	}
}

void
template_each_text(const Template *template, TemplateTextVisitor visit, gpointer data)
{
	g_autoptr(GString) text = g_string_new(NULL);
	Texts texts = { text, visit, data };
	gather_texts(template->nodes, &texts);
	tell_text(&texts);
}

char *
template_fill_markup(const Template *template, const Values *values)
{
	Output out = { g_string_new(NULL), TRUE };
	fill_nodes(template->nodes, values, &out);
	return g_string_free(out.text, FALSE);
}

char *
template_fill(const Template *template, const Values *values)
{
	g_autoptr(GString) filled = g_string_new(NULL);
	Output out = { filled, FALSE };
	fill_nodes(template->nodes, values, &out);
	g_auto(GStrv) lines = g_strsplit(filled->str, "\n", -1);
	GString *tidy = g_string_new(NULL);
	gboolean gap = FALSE;
	for (guint i = 0; lines[i] != NULL; i++) {
		/* the signature's delimiter (RFC 3676 4.3) keeps its space */
		const char *line =
		        strcmp(lines[i], "-- ") == 0 ? lines[i] : g_strchomp(lines[i]);
		if (line[0] == '\0') {
			gap = tidy->len > 0;
			continue;
		}
		g_string_append_printf(tidy, "%s%s\n", gap ? "\n" : "", line);
		gap = FALSE;
	}
	return g_string_free(tidy, FALSE);
}
