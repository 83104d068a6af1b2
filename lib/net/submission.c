#include "net/submission.h"
