/* The signatures = ( { } ... ) list of a class file. */
#pragma once

#include "rules/document.h"
#include "rules/signature.h"

/* Read every signature of group; one with a problem is left out. Of Signature. */
GPtrArray *signature_file_read(
        const config_setting_t *group, Problems *problems, Problems *warnings);
