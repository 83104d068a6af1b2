/*
 * What the fuzz targets share.
 *
 * Each target is one function over bytes, LLVMFuzzerTestOneInput(). With --enable-fuzzing
 * libFuzzer drives it; without, replay.c runs it over files, as a test.
 */
#pragma once

#include <glib.h>

#include <stddef.h>
#include <stdint.h>

#include "rules/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Called first: from then on a GLib warning ends the process like any other finding. */
void target_begin(void);

/* Anything that must hold of every input. */
#define target_must(condition)                                                         \
	do {                                                                           \
		if (!(condition))                                                      \
			target_fail(__FILE__, __LINE__, #condition);                   \
	} while (0)
void target_fail(const char *file, int line, const char *condition) G_GNUC_NORETURN;

/* The shipped catalogue and the default settings with an identity, loaded once. */
const Catalogue *target_catalogue(void);
const Settings *target_settings(void);

/* The data as NUL-terminated text: UTF-8, LF ends. */
char *target_text(const uint8_t *data, size_t size);

/* A file of that name that holds the data, for what reads nothing else. Overwritten by the
 * next call. Borrowed. */
const char *target_file(const char *name, const uint8_t *data, size_t size);

/* The directory that target_file() writes to. Borrowed. */
const char *target_directory(void);
