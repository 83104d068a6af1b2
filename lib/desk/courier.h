/* The courier: the one process that hands replies to the SMTP server. */
#pragma once

#include "desk/role.h"

/* Run the role until told to stop; with once, until nothing is due. Its exit status: with
 * once, 75 when something is left for later. */
int courier_run(Role *role, gboolean once);
