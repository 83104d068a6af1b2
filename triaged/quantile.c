#include "triaged/quantile.h"

#define STEP_BITS 7 /* 128 buckets for each doubling */
#define STEPS (1u << STEP_BITS)
#define DOUBLINGS (63 - STEP_BITS)

struct Quantile {
	gint64 count;
	guint32 buckets[(DOUBLINGS + 1) * STEPS];
};

Quantile *
quantile_new(void)
{
	return g_new0(Quantile, 1);
}

void
quantile_free(Quantile *quantile)
{
	g_free(quantile);
}

/* Below 2 * STEPS each value has a bucket of its own. */
static guint
bucket_of(guint64 value)
{
	guint bits = value >= 2 * STEPS ? (guint)(63 - __builtin_clzll(value)) : 0;
	guint shift = bits > STEP_BITS ? bits - STEP_BITS : 0;
	return shift * STEPS + (guint)(value >> shift);
}

/* The middle of a bucket. */
static gint64
value_of(guint bucket)
{
	if (bucket < 2 * STEPS)
		return bucket;
	guint shift = bucket / STEPS - 1;
	gint64 low = (gint64)(bucket - shift * STEPS) << shift;
	return low + ((gint64)1 << shift) / 2;
}

void
quantile_add(Quantile *quantile, gint64 value)
{
	quantile->buckets[bucket_of((guint64)MAX(value, 0))]++;
	quantile->count++;
}

gint64
quantile_count(const Quantile *quantile)
{
	return quantile->count;
}

gint64
quantile_at(const Quantile *quantile, double part)
{
	double wanted = part * (double)quantile->count, seen = 0;
	for (guint i = 0; i < G_N_ELEMENTS(quantile->buckets); i++) {
		seen += quantile->buckets[i];
		if (quantile->buckets[i] != 0 && seen >= wanted)
			return value_of(i);
	}
	return -1;
}
