EXTRA_DIST += packaging/install-packages packaging/try packaging/try-mailbox

# Everything for a host with systemd; harmless elsewhere.
nodist_systemdsystemunit_DATA = packaging/systemd/triaged.service
sysusers_DATA = packaging/systemd/sysusers.d/triaged.conf
EXTRA_DIST += packaging/systemd/triaged.service.in $(sysusers_DATA)
CLEANFILES += packaging/systemd/triaged.service
packaging/systemd/triaged.service: packaging/systemd/triaged.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) packaging/systemd && sed -e 's,@sbindir@,$(sbindir),g' \
		-e 's,@sysconfdir@,$(sysconfdir),g' \
		$(srcdir)/packaging/systemd/triaged.service.in >$@.tmp && mv $@.tmp $@
