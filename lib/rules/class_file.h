/*
 * One file of the catalogue: a class, or an extension of one that an earlier file made.
 *
 *     class = { id; title; parent; tag; mode; checklist; move_to; reply; signatures; };
 *     extend = { id; title; tag; mode; checklist; move_to; reply; signatures; };
 *
 * In an extension every setting but id is optional and replaces the class's own, save the
 * signatures, which are added.
 */
#pragma once

#include "rules/catalogue.h"
#include "rules/problems.h"

typedef struct {
	Class *class;
	gboolean extends;
	gboolean has_mode, has_checklist;
} ClassFile;

/* Read a file, and the replies beside it, with these partials. NULL when no class can be made of
 * it; the problems say why. */
ClassFile *class_file_read(
        const char *file, Partials *partials, Problems *problems, Problems *warnings);
void class_file_free(ClassFile *class_file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClassFile, class_file_free)

void class_free(Class *class);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Class, class_free)

/* Move what an extension says into its class; what it replaces is freed. */
void class_extend(Class *class, ClassFile *extension);
