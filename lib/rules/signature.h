/*
 * A signature: one rule of the catalogue that recognises an error in a piece of evidence.
 *
 *     { id = "smtp-552"; layer = "provider"; text = "spam\\s+detected"; code = "552";
 *       examples = { match = [ "..." ]; no_match = [ "..." ]; }; }
 *
 * Every condition that is given must hold. Examples are mandatory, run through the same
 * folding as mail, and checked at each load.
 */
#pragma once

#include <glib.h>

#include "base/text.h"
#include "rules/pattern.h"
#include "rules/pattern_index.h"
#include "rules/reply_code.h"
#include "rules/vocabulary.h"

/* Where a piece of evidence comes from, weakest claim on "what happens now" last. */
typedef enum {
	ORIGIN_REPORT,     /* a DSN's diagnostic */
	ORIGIN_ATTACHED,   /* text of an attached mail or file */
	ORIGIN_FORWARDED,  /* text of a forward */
	ORIGIN_PASTED,     /* error text among the person's words */
	ORIGIN_DIALOG,     /* a client's error window */
	ORIGIN_WORDS,      /* the person's own words */
	ORIGIN_SCREENSHOT, /* a picture: there, not read */
	ORIGIN_SUBJECT,    /* the mail's own subject */
	ORIGIN_QUOTED,     /* history */
	ORIGIN_COUNT,
} Origin;

/* The first layer with a hit wins within equal evidence. */
typedef enum {
	LAYER_SITE,     /* the admin's own */
	LAYER_PROVIDER, /* our servers' texts */
	LAYER_CLIENT,   /* client codes and frames: 0x... */
	LAYER_GENERIC,  /* anybody's error texts */
	LAYER_WORDS,    /* paraphrases without any code */
	LAYER_STATUS, /* enhanced status: last, since providers abuse 5.1.0, 5.1.1, 5.2.0 */
	LAYER_CODE, /* reply code */
	LAYER_COUNT,
} Layer;

typedef enum { REFUSED_BY_ANY, REFUSED_BY_PROVIDER, REFUSED_BY_REMOTE } RefusedBy;

typedef struct {
	char *id; /* "smtp-552"; shown as CLASS/ID */
	Layer layer;
	guint where;   /* bit set of 1u << Origin; 0 in the file: all but screenshot */
	char *code;    /* "552", "5xx", or NULL */
	char *status;  /* "5.2.0", "5.7.x", or NULL */
	Pattern *text; /* or NULL */
	Pattern *unless; /* must not match near the hit (200 bytes around); or NULL */
	int needs;       /* a Cue that the person's words must hold, or -1 */
	RefusedBy
	        refused_by; /* provider: unless a remote host is known to have said it */
	double confidence;  /* 0..1; default by layer */
	char *file;
	int line;
	GPtrArray *match;    /* of char * */
	GPtrArray *no_match; /* of char * */
} Signature;

void signature_free(Signature *signature);

/* What a signature is held against: one logical line of error text. */
typedef struct {
	const FoldedText *text; /* with fold_volatile: "<id>", "<ip>", "<addr>" */
	Origin origin;
	const char *code;     /* reply code found in it, or NULL */
	const char *status;   /* enhanced status found in it, or NULL */
	RefusedBy refused_by; /* who said it: ANY when not known */
	PatternIndex *index;  /* where the signature's text is looked up as */
	guint group;          /* this group, */
	guint unless_group;   /* and its exception as this; NULL: by themselves */
} Utterance;

/* Whether text, code, status, origin and refuser all hold (needs is the caller's to ask);
 * the matched bounds in the folded text. */
gboolean signature_matches(const Signature *signature, const Utterance *utterance,
        gsize *start, gsize *end);

/* What a signature may ask, in the order in which it is asked. */
typedef enum {
	CONDITION_WHERE,
	CONDITION_REFUSED_BY,
	CONDITION_CODE,
	CONDITION_STATUS,
	CONDITION_TEXT,
	CONDITION_UNLESS,
	CONDITION_NEEDS,
	CONDITION_COUNT,
} Condition;

/* Which conditions do not hold, as a bit set of 1u << Condition, for explaining: 0 where
 * signature_matches(), whose bounds these are too. "needs" is the caller's to ask. */
guint signature_failures(const Signature *signature, const Utterance *utterance,
        gsize *start, gsize *end);

/* Check the examples. ERROR_CONFIG at the signature's line, one line for each that fails. */
gboolean signature_check(const Signature *signature, GError **error);

/* NULL-terminated, in the order of the enumerations. */
extern const char *const layer_names[];
extern const char *const origin_names[];
extern const char *const refused_by_names[];
extern const char *const condition_names[]; /* as the settings of a signature */

const char *layer_name(Layer layer);
const char *origin_name(Origin origin);

/* The confidence of a signature that states none. */
double layer_confidence(Layer layer);
