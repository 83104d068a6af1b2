# The shipped catalogue: every class file, its replies, the vocabulary of each language, the
# titles of the tags and the report's page.
cataloguedir = $(pkgdatadir)/catalogue
languagedir = $(pkgdatadir)/catalogue/language
labelsdir = $(pkgdatadir)/catalogue/labels
reportdir = $(pkgdatadir)/catalogue/report
partialsdir = $(pkgdatadir)/catalogue/partials
notesdir = $(pkgdatadir)/catalogue/notes

# A class is three files of one name: ID.conf, ID.it.txt, ID.en.txt.
classes = \
	config/catalogue/antivirus-timeout \
	config/catalogue/autoreply-loop \
	config/catalogue/backscatter \
	config/catalogue/bad-recipient-syntax \
	config/catalogue/cannot-connect-server \
	config/catalogue/client-hold \
	config/catalogue/connection-dropped \
	config/catalogue/dangerous-attachment \
	config/catalogue/delivery-delayed \
	config/catalogue/delivery-expired \
	config/catalogue/domain-not-found \
	config/catalogue/greylisting \
	config/catalogue/imap-timeout \
	config/catalogue/ip-blacklisted \
	config/catalogue/ip-rate-limited \
	config/catalogue/login-refused \
	config/catalogue/mailbox-over-quota \
	config/catalogue/message-too-big \
	config/catalogue/missing-mail \
	config/catalogue/outlook-data-file \
	config/catalogue/own-ip-blocked \
	config/catalogue/pec-anomaly \
	config/catalogue/pec-not-accepted \
	config/catalogue/pec-not-delivered \
	config/catalogue/pec-ordinary-mail-refused \
	config/catalogue/policy-violation \
	config/catalogue/recipient-content-rejected \
	config/catalogue/recipient-over-quota \
	config/catalogue/recipient-unknown \
	config/catalogue/relay-denied \
	config/catalogue/send-timeout \
	config/catalogue/sender-blacklisted \
	config/catalogue/sender-header-mismatch \
	config/catalogue/sender-not-logged-in \
	config/catalogue/sender-not-recognised \
	config/catalogue/sender-suspended-bulk \
	config/catalogue/sending-limit-daily \
	config/catalogue/server-temporary \
	config/catalogue/smtp-auth-missing \
	config/catalogue/smtp-login-failed \
	config/catalogue/spam-detected \
	config/catalogue/spf-dkim-dmarc-fail \
	config/catalogue/tls-certificate-mismatch \
	config/catalogue/tls-required-or-starttls \
	config/catalogue/unknown

partials = \
	config/catalogue/partials/closing \
	config/catalogue/partials/error \
	config/catalogue/partials/found \
	config/catalogue/partials/greeting \
	config/catalogue/partials/headers \
	config/catalogue/partials/missing \
	config/catalogue/partials/noted \
	config/catalogue/partials/outgoing

dist_catalogue_DATA = $(classes:=.conf) $(classes:=.it.txt) $(classes:=.en.txt)
dist_catalogue_DATA += config/catalogue/follow-up.it.txt config/catalogue/follow-up.en.txt
# Only in agents' notes, which are in one language.
note_partials = \
	config/catalogue/partials/item.it.txt \
	config/catalogue/partials/place.it.txt \
	config/catalogue/partials/reason.it.txt

dist_partials_DATA = $(partials:=.it.txt) $(partials:=.en.txt) $(note_partials)
dist_notes_DATA = \
	config/catalogue/notes/subject.it.txt \
	config/catalogue/notes/ticket.it.html \
	config/catalogue/notes/ticket.it.txt
dist_language_DATA = \
	config/catalogue/language/it-cues.conf \
	config/catalogue/language/it-calendar.conf \
	config/catalogue/language/it-markers.conf \
	config/catalogue/language/en-markers.conf \
	config/catalogue/language/en-cues.conf \
	config/catalogue/language/en-calendar.conf

dist_labels_DATA = config/catalogue/labels/it.conf
dist_report_DATA = config/catalogue/report/it.conf config/catalogue/report/report.it.html

exampledir = $(docdir)/examples
dist_example_DATA = config/triaged.conf.example

# Where the helpdesk's own classes go.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/triaged/catalogue.d"

# Outside the source the catalogue is a link that configure made.
distclean-local:
	test ! -L config/catalogue || rm -f config/catalogue
