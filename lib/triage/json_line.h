/* JSON on one line. */
#pragma once

#include <jansson.h>

/* As json_dumps() writes it, UTF-8, no trailing newline. Free with g_free(). */
char *json_line(const json_t *json);
