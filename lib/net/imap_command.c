#include "net/imap_command.h"
