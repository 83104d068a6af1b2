/*
 * Quantiles of any number of values in little memory: values are counted in buckets that
 * are at most one percent wide, so that a median is right to half a percent.
 */
#pragma once

#include <glib.h>

typedef struct Quantile Quantile;

Quantile *quantile_new(void);
void quantile_free(Quantile *quantile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Quantile, quantile_free)

/* Negative values count as 0. */
void quantile_add(Quantile *quantile, gint64 value);
gint64 quantile_count(const Quantile *quantile);

/* The value that a part (0..1) of all is not above; -1 when there is none. */
gint64 quantile_at(const Quantile *quantile, double part);
