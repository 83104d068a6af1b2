#include "base/arena.h"

/* With its head within what malloc keeps at hand for the next one. */
#define CHUNK_SIZE 1000

struct ArenaChunk {
	ArenaChunk *before;
	gpointer bytes[];
};

static void
add_chunk(Arena *arena, gsize size)
{
	ArenaChunk *chunk = g_malloc(sizeof *chunk + size);
	chunk->before = arena->chunks;
	arena->chunks = chunk;
	arena->at = (char *)chunk->bytes;
	arena->left = size;
}

gpointer
arena_take(Arena *arena, gsize size)
{
	size = (MAX(size, 1) + sizeof(gpointer) - 1) / sizeof(gpointer) *
	       sizeof(gpointer);
	if (size > arena->left)
		add_chunk(arena, MAX(size, CHUNK_SIZE - sizeof(ArenaChunk)));
	gpointer block = arena->at;
	arena->at += size;
	arena->left -= size;
	return block;
}

void
arena_clear(Arena *arena)
{
	for (ArenaChunk *chunk = arena->chunks, *before; chunk != NULL;
	        chunk = before) {
		before = chunk->before;
		g_free(chunk);
	}
	*arena = (Arena){ 0 };
}
