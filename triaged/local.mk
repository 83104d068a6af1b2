sbin_PROGRAMS += triaged/triaged
bin_PROGRAMS += triaged/triagectl
triaged_triaged_SOURCES = triaged/triaged.c
triaged_triagectl_SOURCES = triaged/triagectl.c
triaged_triaged_LDADD = $(PROGRAM_LIBS)
triaged_triagectl_LDADD = $(PROGRAM_LIBS)
