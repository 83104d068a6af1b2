/* Inspection: whether a store is whole, its parts agree and its kept files are what they say. */
#pragma once

#include "store/store.h"

/* What is wrong, one line each, none of a customer's words in it; empty: nothing is. Of char *. */
GPtrArray *inspection_of_store(Store *store, GError **error);

/* The same of a backup. */
GPtrArray *inspection_of_backup(const char *file, GError **error);
