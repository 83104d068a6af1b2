#include "rules/template_node.h"

#include <string.h>

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

GPtrArray *
nodes_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
}

void
nodes_add(GPtrArray *nodes, NodeKind kind, const char *text, gsize length,
        GPtrArray *children)
{
	Node *node = g_new0(Node, 1);
	node->kind = kind;
	node->text = g_strndup(text, length);
	node->children = children;
	g_ptr_array_add(nodes, node);
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

/* Without blanks at its end; empty lines become one, before the next line. */
static void
put_tidy_line(GString *tidy, const char *line, gsize length, gboolean *gap)
{
	/* the signature's delimiter (RFC 3676 4.3) keeps its space */
	gboolean delimiter = length == 3 && memcmp(line, "-- ", 3) == 0;
	while (!delimiter && length > 0 && g_ascii_isspace(line[length - 1]))
		length--;
	if (length == 0) {
		*gap = tidy->len > 0;
		return;
	}
	if (*gap)
		g_string_append_c(tidy, '\n');
	g_string_append_len(tidy, line, (gssize)length);
	g_string_append_c(tidy, '\n');
	*gap = FALSE;
}

char *
template_fill(const Template *template, const Values *values)
{
	g_autoptr(GString) filled = g_string_new(NULL);
	Output out = { filled, FALSE };
	fill_nodes(template->nodes, values, &out);
	GString *tidy = g_string_sized_new(filled->len + 1);
	gboolean gap = FALSE;
	for (const char *line = filled->str; line != NULL;) {
		const char *end = strchr(line, '\n');
		gsize length = end != NULL ? (gsize)(end - line) : strlen(line);
		put_tidy_line(tidy, line, length, &gap);
		line = end != NULL ? end + 1 : NULL;
	}
	return g_string_free(tidy, FALSE);
}
