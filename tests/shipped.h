/* What the tests of a program analyse by: the catalogue and vocabulary as they are shipped. */
#pragma once

#include "tests/suite.h"
#include "triage/analyse.h"

/* Between a group's set-up and its end: the catalogue, and settings by default. */
extern AnalyseContext shipped;
int shipped_load(void **state);
int shipped_free(void **state);

/* Likewise, with the settings of a desk that answers: it sends, and it has an identity. */
int shipped_load_desk(void **state);

/* Likewise, for whoever needs no more: the vocabulary alone. */
extern Vocabulary *shipped_vocabulary;
int shipped_vocabulary_load(void **state);
int shipped_vocabulary_free(void **state);
