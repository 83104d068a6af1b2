lib_libtriaged_a_SOURCES += \
	lib/net/session.c lib/net/session.h \
	lib/net/imap_answer.c lib/net/imap_answer.h \
	lib/net/imap_command.c lib/net/imap_command.h \
	lib/net/mailbox.c lib/net/mailbox.h \
	lib/net/submission.c lib/net/submission.h
