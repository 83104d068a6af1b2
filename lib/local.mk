EXTRA_DIST += lib/FLOORS
include lib/base/local.mk
include lib/mail/local.mk
include lib/rules/local.mk
include lib/triage/local.mk
include lib/store/local.mk
include lib/net/local.mk
include lib/desk/local.mk
