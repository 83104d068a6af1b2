lib_libtriaged_a_SOURCES += \
	lib/desk/sandbox.c lib/desk/sandbox.h \
	lib/desk/analyst.c lib/desk/analyst.h \
	lib/desk/watcher.c lib/desk/watcher.h \
	lib/desk/courier.c lib/desk/courier.h \
	lib/desk/reply.c lib/desk/reply.h
