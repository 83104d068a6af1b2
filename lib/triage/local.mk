lib_libtriaged_a_SOURCES += \
	lib/triage/case.c lib/triage/case.h \
	lib/triage/json_line.c lib/triage/json_line.h \
	lib/triage/case_json.c lib/triage/case_json.h lib/triage/case_pack.c lib/triage/case_pack.h \
	lib/triage/own_text.c lib/triage/own_text.h \
	lib/triage/passage.c lib/triage/passage.h lib/triage/passage_collect.c \
	lib/triage/segment.c lib/triage/segment.h \
	lib/triage/evidence.c lib/triage/evidence_drop.c lib/triage/evidence_drop.h lib/triage/evidence.h \
	lib/triage/refuser.c lib/triage/refuser.h \
	lib/triage/nature.c lib/triage/nature.h \
	lib/triage/facts.c lib/triage/facts.h lib/triage/fact.h \
	lib/triage/fact_address.c lib/triage/fact_attachment.c \
	lib/triage/fact_date.c lib/triage/fact_error.c lib/triage/fact_kin.c lib/triage/fact_leftover.c lib/triage/fact_sign.c \
	lib/triage/fact_report.c lib/triage/fact_spoken.c \
	lib/triage/date.c lib/triage/date.h \
	lib/triage/date_clock.c lib/triage/date_clock.h \
	lib/triage/date_meant.c lib/triage/date_meant.h \
	lib/triage/date_scan.c lib/triage/date_scan.h \
	lib/triage/date_word.c lib/triage/date_word.h \
	lib/triage/rome.c lib/triage/rome.h \
	lib/triage/classify.c lib/triage/classify.h \
	lib/triage/judge.c lib/triage/judge.h \
	lib/triage/candidate.c lib/triage/candidate.h \
	lib/triage/ticket.c lib/triage/ticket.h \
	lib/triage/checklist.c lib/triage/checklist.h \
	lib/triage/mark.c lib/triage/mark.h \
	lib/triage/identity.c lib/triage/identity.h \
	lib/triage/authentication.c lib/triage/authentication.h \
	lib/triage/gate.c lib/triage/gate.h \
	lib/triage/analyse.c lib/triage/analyse.h \
	lib/triage/plan.c lib/triage/plan.h \
	lib/triage/conversation_state.c lib/triage/conversation_state.h \
	lib/triage/conversation_items.c lib/triage/conversation_items.h \
	lib/triage/conversation_turn.c lib/triage/conversation_turn.h \
	lib/triage/decide.c lib/triage/decide.h \
	lib/triage/likeness.c lib/triage/likeness.h \
	lib/triage/specimen.c lib/triage/specimen.h \
	lib/triage/explain.c lib/triage/explain.h
