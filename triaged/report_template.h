/* The template of the report's page: DIR/report/report.it.html of the catalogue, and the words of
 * DIR/report/it.conf. */
#pragma once

#include "rules/template.h"
#include "rules/wording.h"

/* Read and check both; the last directory that has one wins. ERROR_CONFIG with every problem. */
Template *report_template_load(
        const char *const *directories, Wording **wording, GError **error);
