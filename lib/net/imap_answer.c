#include "net/imap_answer.h"
