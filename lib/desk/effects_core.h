/* The inside of the effects: what their parts share. */
#pragma once

#include "desk/effects.h"
#include "store/outbox.h"

/* Final or temporary, as an attempt's error says; done without one. */
EffectResult effects_result_of(const GError *failed);
EffectFinish effects_finish_of(
        const Effects *effects, const Effect *effect, const GError *failed);

/* Record what became of an effect, and of its mail if it was a draft. Needs a transaction. */
gboolean effects_finish(Effects *effects, const Effect *effect,
        const EffectFinish *result, GError **error);

/* Carry out the tags among claimed (of Effect). *failed is the server's or the network's
 * trouble; what went well is noted, to be recorded by effects_write(). */
gboolean effects_run_tags(
        Effects *effects, const GPtrArray *claimed, GError **failed, GError **error);
