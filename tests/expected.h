/* Texts that stand in a file as they must be. */
#pragma once

/* Fail the test at the first line in which found differs from the file. With REWRITE_EXPECTED=1
 * the file is written anew, and the difference is for a person to read. */
void expected_check(const char *file, const char *found);
