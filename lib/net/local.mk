lib_libtriaged_a_SOURCES += \
	lib/net/secret.c lib/net/secret.h \
	lib/net/endpoint.c lib/net/endpoint.h \
	lib/net/session.c lib/net/session.h \
	lib/net/imap_answer.c lib/net/imap_answer.h \
	lib/net/imap_command.c lib/net/imap_command.h \
	lib/net/store_group.c lib/net/store_group.h \
	lib/net/mailbox.c lib/net/mailbox.h \
	lib/net/folder.c lib/net/folder.h \
	lib/net/submission.c lib/net/submission.h
