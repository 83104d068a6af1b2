/* A settings file for one test, in a directory of its own. */
#pragma once

#include "rules/settings.h"
#include "tests/suite.h"

/* A file that is right, to which a sample adds what it is about. */
#define IDENTITY "identity = { name = \"A\"; address = \"a@example.it\"; };\n"
#define IMAP "url = \"imaps://i.example.it\"; user = \"u\"; password_file = \"/p\"; "
#define MAILBOXES "mailboxes = ( { name = \"m\"; imap = { " IMAP "}; } );\n"
#define SMTP "smtp = { url = \"smtps://s.example.it\"; };\n"
#define REST IDENTITY MAILBOXES SMTP

/* For a whole group of tests: the directory, and its end. */
int settings_file_begin(void **state);
int settings_file_end(void **state);

/* Where the files of a test belong; borrowed. */
const char *settings_file_directory(void);

/* Load text as a file; NULL sets *message, from which the directory is taken out. */
Settings *settings_file_load(const char *text, gboolean partial, char **message);
