#include "rules/vocabulary.h"
