/*
 * An arena: small blocks that are made one by one and all go together, with what owns them.
 * A header has forty fields: to make and free a block for each took longer than to read it.
 */
#pragma once

#include <glib.h>

typedef struct ArenaChunk ArenaChunk;

/* All zero is an empty one. */
typedef struct {
	ArenaChunk *chunks; /* the last one made first */
	char *at;
	gsize left;
} Arena;

/* A block of that size, aligned for any record, not cleared; it lives until arena_clear(). */
gpointer arena_take(Arena *arena, gsize size);

void arena_clear(Arena *arena);
