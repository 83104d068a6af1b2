/* The master: holds nothing, starts the roles, restarts those that die, passes signals on. */
#pragma once

#include "triaged/child.h"

/* Keep the signals that the master answers until it listens: a SIGHUP that comes while the
 * configuration is read would end the process. For the service, before anything is read. */
void master_hold_signals(void);

/* Take the ownership of generation and serve until SIGTERM. Its exit status. */
int master_serve(const char *file, Generation *generation);

/* One pass over every mailbox, the outbox drained, the outcome stored: 0, or 75 when
 * something temporary is left, or the first other failure. */
int master_once(const Generation *generation);

/* Read every mailbox and print; change nothing. */
int master_dry_run(const Generation *generation);
