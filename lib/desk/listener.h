/*
 * The listener: the process that talks HTTP to whoever scrapes. It holds its socket and the
 * means to ask the exporter, and nothing else: no store, no credential, no file.
 *
 * It is forked by the exporter, is shut in as an analyst is, and ends with it.
 */
#pragma once

#include <glib.h>

#include <sys/types.h>

/* What the listener asks the exporter: one of these bytes. */
typedef enum {
	ASK_PROMETHEUS = 'p',
	ASK_OPENMETRICS = 'o',
	ASK_HEALTH = 'h',
} ListenerQuestion;

/* What it is answered: this record, then length bytes of text. */
typedef struct {
	guint32 length;
	guint32 well; /* 0: "503 Service Unavailable" */
} ListenerAnswer;

#define LISTENER_ANSWER_MAX (4u * 1024 * 1024)

/* Bind a listening socket to an address of listen_address_parse(). A UNIX socket that nobody
 * listens on any more is replaced. -1 on failure. */
int listener_bind(const char *address, GError **error);

/* Fork the listener for a socket of listener_bind(). *questions is where it asks. */
pid_t listener_start(int socket, int *questions, GError **error);
