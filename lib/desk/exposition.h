/*
 * Exposition: metrics as text, in the format of Prometheus (0.0.4) or as OpenMetrics (1.0).
 *
 * A family is begun, then its samples follow. Label values are made valid UTF-8, cut to
 * EXPOSITION_VALUE_CHARS and escaped; names are the caller's and must be right.
 */
#pragma once

#include <glib.h>

#define EXPOSITION_VALUE_CHARS 200

typedef enum {
	FORM_PROMETHEUS,
	FORM_OPENMETRICS,
} ExpositionForm;

typedef enum {
	METRIC_COUNTER, /* its name ends in "_total" */
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
} MetricType;

typedef struct Exposition Exposition;

Exposition *exposition_new(ExpositionForm form);
void exposition_free(Exposition *exposition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Exposition, exposition_free)

/* Begin a family. help is one line; name must live as long as its samples are added. */
void exposition_begin(
        Exposition *exposition, const char *name, MetricType type, const char *help);

/* A sample of the family: its value, then label and value pairs, NULL-terminated. */
void exposition_add(Exposition *exposition, double value, ...) G_GNUC_NULL_TERMINATED;

/* The histogram of the family: counts of each bucket alone, one more than there are ends. */
void exposition_add_times(Exposition *exposition, const double *ends, guint count,
        const gint64 *counts, double sum);

/* The whole text; the exposition is used up. */
GBytes *exposition_end(Exposition *exposition);

/* The media type of a form, for HTTP. */
const char *exposition_media_type(ExpositionForm form);
