#include "store/conversation.h"
