sbin_PROGRAMS += triaged/triaged
bin_PROGRAMS += triaged/triagectl
triaged_triaged_SOURCES = triaged/triaged.c \
	triaged/check.c triaged/check.h triaged/probe.c triaged/probe.h \
	triaged/credential_check.c triaged/credential_check.h \
	triaged/report_template.c triaged/report_template.h \
	triaged/child.c triaged/child.h \
	triaged/master.c triaged/master.h \
	triaged/program.c triaged/program.h
triaged_triagectl_SOURCES = triaged/triagectl.c \
	triaged/command.h triaged/command_classify.c \
	triaged/command_init.c triaged/setup.c triaged/setup.h \
	triaged/question.c triaged/question.h \
	triaged/check.c triaged/check.h triaged/probe.c triaged/probe.h \
	triaged/credential_check.c triaged/credential_check.h \
	triaged/report_template.c triaged/report_template.h \
	triaged/child.c triaged/child.h \
	triaged/program.c triaged/program.h \
	triaged/command_preview.c triaged/command_tags.c \
	triaged/command_replay.c triaged/line_diff.c triaged/line_diff.h \
	triaged/command_rules.c triaged/rules.h \
	triaged/rules_list.c triaged/rules_check.c triaged/rules_test.c \
	triaged/trial.c triaged/trial.h \
	triaged/rehearsal.c triaged/rehearsal.h \
	triaged/reply_page.c triaged/reply_page.h \
	triaged/mail_files.c triaged/mail_files.h \
	triaged/workbench.c triaged/workbench.h \
	triaged/command_status.c \
	triaged/command_list.c \
	triaged/command_report.c triaged/report.c triaged/report.h \
	triaged/report_tally.c triaged/report_tally.h \
	triaged/report_likes.c triaged/report_likes.h \
	triaged/report_what_if.c triaged/report_what_if.h \
	triaged/report_text.c triaged/report_json.c triaged/report_page.c \
	triaged/report_chart.c triaged/report_page.h triaged/report_form.h \
	triaged/quantile.c triaged/quantile.h \
	triaged/command_show.c triaged/command_outbox.c \
	triaged/command_backup.c triaged/command_erase.c triaged/command_export.c \
	triaged/story.c triaged/story.h triaged/finding.c triaged/finding.h \
	triaged/journal_desk.c triaged/journal_desk.h \
	triaged/table.c triaged/table.h
triaged_triaged_LDADD = $(PROGRAM_LIBS)
triaged_triagectl_LDADD = $(PROGRAM_LIBS)
