EXTRA_DIST += packaging/install-packages packaging/try packaging/try-mailbox

# Everything for a host with systemd; harmless elsewhere.
nodist_systemdsystemunit_DATA = packaging/systemd/triaged.service
sysusers_DATA = packaging/systemd/sysusers.d/triaged.conf
EXTRA_DIST += packaging/systemd/triaged.service.in $(sysusers_DATA)
CLEANFILES += packaging/systemd/triaged.service
packaging/systemd/triaged.service: packaging/systemd/triaged.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) packaging/systemd && sed -e 's,[@]sbindir@,$(sbindir),g' \
		-e 's,[@]sysconfdir@,$(sysconfdir),g' \
		$(srcdir)/packaging/systemd/triaged.service.in >$@.tmp && mv $@.tmp $@

# Manual pages: what the programs know of themselves is asked of them, nothing written twice.
noinst_PROGRAMS += packaging/man/settings-page
packaging_man_settings_page_SOURCES = packaging/man/settings_page.c
packaging_man_settings_page_LDADD = $(PROGRAM_LIBS)

english_pages = packaging/man/triagectl.1 packaging/man/triaged.conf.5 \
	packaging/man/triaged-catalogue.5 packaging/man/triaged.8
italian_pages = packaging/man/it/triagectl.1 packaging/man/it/triaged-catalogue.5
nodist_man_MANS = $(english_pages)
itman1dir = $(mandir)/it/man1
itman5dir = $(mandir)/it/man5
nodist_itman1_DATA = packaging/man/it/triagectl.1
nodist_itman5_DATA = packaging/man/it/triaged-catalogue.5
EXTRA_DIST += packaging/man/fill $(english_pages:=.in) $(italian_pages:=.in)
CLEANFILES += $(english_pages) $(italian_pages)

page_tools = triaged/triaged triaged/triagectl packaging/man/settings-page
page_places = s,[@]sysconfdir@,$(sysconfdir),g;s,[@]localstatedir@,$(localstatedir),g;$\
	s,[@]pkgdatadir@,$(pkgdatadir),g;s,[@]docdir@,$(docdir),g
$(english_pages) $(italian_pages): $(page_tools) packaging/man/fill Makefile
	$(AM_V_GEN)$(MKDIR_P) packaging/man/it && ASAN_OPTIONS=detect_leaks=0 \
		$(srcdir)/packaging/man/fill $(srcdir)/$@.in $(page_tools) '$(page_places)' >$@.tmp && \
		mv $@.tmp $@
packaging/man/triagectl.1: packaging/man/triagectl.1.in
packaging/man/triaged.conf.5: packaging/man/triaged.conf.5.in
packaging/man/triaged-catalogue.5: packaging/man/triaged-catalogue.5.in
packaging/man/triaged.8: packaging/man/triaged.8.in
packaging/man/it/triagectl.1: packaging/man/it/triagectl.1.in
packaging/man/it/triaged-catalogue.5: packaging/man/it/triaged-catalogue.5.in

completiondir = $(datadir)/bash-completion/completions
dist_completion_DATA = packaging/completion/triagectl packaging/completion/triaged

# How ticket systems take over what triaged has finished.
znunyrecipedir = $(docdir)/recipes/znuny
zammadrecipedir = $(docdir)/recipes/zammad
rtrecipedir = $(docdir)/recipes/rt
dist_znunyrecipe_DATA = packaging/recipes/znuny/README packaging/recipes/znuny/handover.conf
dist_zammadrecipe_DATA = packaging/recipes/zammad/README packaging/recipes/zammad/handover.conf
dist_rtrecipe_DATA = packaging/recipes/rt/README packaging/recipes/rt/handover.conf \
	packaging/recipes/rt/fetchmailrc

# What a package puts into /etc: the example with everything commented out, in mode "observe".
noinst_DATA = packaging/triaged.conf
CLEANFILES += packaging/triaged.conf
packaging/triaged.conf: config/triaged.conf.example packaging/local.mk
	$(AM_V_GEN)$(MKDIR_P) packaging && awk ' \
		NR == 1 { print "# triaged.conf: nothing is set yet but the mode; \"triagectl init\" writes one that works."; \
			print "# Every setting with its default, or with an example: uncomment what you need."; next } \
		/^mode = / { print "mode = \"observe\";"; next } \
		/^ *$$/ || /^#/ { print; next } \
		{ print "#" $$0 }' $(srcdir)/config/triaged.conf.example >$@.tmp && mv $@.tmp $@

EXTRA_DIST += packaging/rpm/triaged.spec packaging/build-deb packaging/debian/changelog packaging/debian/control \
	packaging/debian/copyright packaging/debian/rules packaging/debian/source/format \
	packaging/debian/triaged.docs packaging/debian/triaged.lintian-overrides packaging/debian/triaged.postinst packaging/debian/triaged.postrm

# How triaged lives with servers and mail programs.
recipedir = $(docdir)/recipes
dist_recipe_DATA = packaging/recipes/README packaging/recipes/postfix packaging/recipes/exim \
	packaging/recipes/microsoft-365 packaging/recipes/google packaging/recipes/thunderbird \
	packaging/recipes/roundcube packaging/recipes/prometheus
dist_recipe_SCRIPTS = packaging/recipes/token-microsoft packaging/recipes/token-google

# For Prometheus and Grafana.
monitoringdir = $(pkgdatadir)/monitoring
dist_monitoring_DATA = packaging/monitoring/triaged.rules.yml \
	packaging/monitoring/triaged.dashboard.json
