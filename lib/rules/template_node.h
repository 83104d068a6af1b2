/* What a template is read into, for the two files that make it and fill it in. */
#pragma once

#include "rules/template.h"

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

GPtrArray *nodes_new(void); /* of Node */

/* Takes children. */
void nodes_add(GPtrArray *nodes, NodeKind kind, const char *text, gsize length,
        GPtrArray *children);
