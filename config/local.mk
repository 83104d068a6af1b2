# The shipped catalogue: every class file, its replies, and the vocabulary of each language.
cataloguedir = $(pkgdatadir)/catalogue
languagedir = $(pkgdatadir)/catalogue/language
dist_catalogue_DATA =
dist_language_DATA =
