# The shipped catalogue: every class file, its replies, and the vocabulary of each language.
cataloguedir = $(pkgdatadir)/catalogue
languagedir = $(pkgdatadir)/catalogue/language
partialsdir = $(pkgdatadir)/catalogue/partials

# A class is three files of one name: ID.conf, ID.it.txt, ID.en.txt.
classes = \
	config/catalogue/antivirus-timeout \
	config/catalogue/autoreply-loop \
	config/catalogue/backscatter \
	config/catalogue/client-hold \
	config/catalogue/policy-violation \
	config/catalogue/sender-blacklisted \
	config/catalogue/sender-not-recognised \
	config/catalogue/smtp-auth-missing \
	config/catalogue/spam-detected \
	config/catalogue/unknown

partials = \
	config/catalogue/partials/closing \
	config/catalogue/partials/error \
	config/catalogue/partials/found \
	config/catalogue/partials/greeting \
	config/catalogue/partials/headers \
	config/catalogue/partials/missing \
	config/catalogue/partials/outgoing

dist_catalogue_DATA = $(classes:=.conf) $(classes:=.it.txt) $(classes:=.en.txt)
dist_partials_DATA = $(partials:=.it.txt) $(partials:=.en.txt)
dist_language_DATA =
