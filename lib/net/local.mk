lib_libtriaged_a_SOURCES += \
	lib/net/secret.c lib/net/secret.h \
	lib/net/endpoint.c lib/net/endpoint.h \
	lib/net/session.c lib/net/session.h lib/net/session_open.c lib/net/session_core.h \
	lib/net/session_tls.c lib/net/submission_probe.c \
	lib/net/imap_answer.c lib/net/imap_answer.h \
	lib/net/imap_reader.c lib/net/imap_reader.h \
	lib/net/imap_command.c lib/net/imap_command.h \
	lib/net/store_group.c lib/net/store_group.h \
	lib/net/imap_dialog.c lib/net/imap_dialog.h \
	lib/net/mailbox.c lib/net/mailbox.h \
	lib/net/mailbox_core.c lib/net/mailbox_core.h \
	lib/net/mailbox_fetch.c lib/net/mailbox_idle.c lib/net/mailbox_probe.c \
	lib/net/folder.c lib/net/folder.h lib/net/folder_headers.c \
	lib/net/visit.c lib/net/visit.h \
	lib/net/changes.c lib/net/changes.h \
	lib/net/smtp_reply.c lib/net/smtp_reply.h \
	lib/net/smtp_wire.c lib/net/smtp_wire.h \
	lib/net/smtp_connection.c lib/net/smtp_connection.h \
	lib/net/submission.c lib/net/submission.h \
	lib/net/submission_result.c lib/net/submission_result.h \
	lib/net/submission_pool.c lib/net/submission_pool.h
