#include "desk/pace.h"
#include "tests/suite.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

/* One after the other, at a second of its own: start or end a submission, or ask whether one
 * may start. */
typedef struct {
	enum { END_OF_SCRIPT, START, DONE, YES, NO } verb;
	const char *recipient;
	int at, since; /* DONE: when it had begun */
} Step;

static const struct sample {
	const char *name;
	guint connections;
	Step steps[16];
} samples[] = {
	{ "a domain not heard of goes one by one", 4,
	        { { YES, "a@new.it", 0, 0 }, { START, "a@new.it", 0, 0 },
	                { NO, "b@NEW.it", 0, 0 }, { YES, "c@other.it", 0, 0 } } },
	{ "a quick one may go in parallel", 4,
	        { { START, "a@quick.it", 0, 0 }, { DONE, "a@quick.it", 1, 0 },
	                { START, "a@quick.it", 10, 0 }, { YES, "b@quick.it", 10, 0 },
	                { START, "b@quick.it", 10, 0 },
	                { YES, "c@quick.it", 11, 0 } } },
	{ "until one of its own dawdles", 4,
	        { { START, "a@quick.it", 0, 0 }, { DONE, "a@quick.it", 1, 0 },
	                { START, "a@quick.it", 10, 0 }, { NO, "b@quick.it", 13, 0 } } },
	{ "those that dawdle leave one connection", 3,
	        { { START, "a@one.it", 0, 0 }, { DONE, "a@one.it", 9, 0 },
	                { START, "a@two.it", 10, 0 }, { START, "a@three.it", 10, 0 },
	                { YES, "a@one.it", 11, 0 }, { NO, "a@one.it", 13, 0 },
	                { YES, "a@new.it", 13, 0 } } },
	{ "the only connection is for everybody", 1,
	        { { START, "a@slow.it", 0, 0 }, { DONE, "a@slow.it", 60, 0 },
	                { YES, "a@slow.it", 61, 0 } } },
	{ "a slow one that hurries is forgiven", 2,
	        { { START, "a@slow.it", 0, 0 }, { DONE, "a@slow.it", 60, 0 },
	                { START, "b@slow.it", 61, 0 }, { NO, "c@slow.it", 61, 0 },
	                { DONE, "b@slow.it", 62, 61 }, { START, "b@slow.it", 62, 0 },
	                { YES, "c@slow.it", 62, 0 } } },
	{ "what has no domain is one domain", 2,
	        { { START, "nobody", 0, 0 }, { NO, NULL, 0, 0 } } },
};

static void
test_script(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Pace) pace = pace_new(sample->connections);
	for (const Step *step = sample->steps; step->verb != END_OF_SCRIPT; step++) {
		gint64 now = step->at * SECOND;
		switch (step->verb) {
		case START: pace_start(pace, step->recipient, now); break;
		case DONE:
			pace_end(pace, step->recipient, step->since * SECOND, now);
			break;
		case YES:
			assert_true(pace_may_start(pace, step->recipient, now));
			break;
		case NO:
			assert_false(pace_may_start(pace, step->recipient, now));
			break;
		case END_OF_SCRIPT: break;
		}
	}
}

static void
test_cancel(void **state)
{
	(void)state;
	g_autoptr(Pace) pace = pace_new(2);
	pace_start(pace, "a@new.it", 0);
	pace_cancel(pace, "a@new.it");
	assert_true(pace_may_start(pace, "a@new.it", 0));
}

/* What is learnt is bounded, and what is under way is never forgotten. */
static void
test_many_domains(void **state)
{
	(void)state;
	g_autoptr(Pace) pace = pace_new(2);
	pace_start(pace, "a@busy.it", 0);
	for (guint i = 0; i < 5000; i++) {
		g_autofree char *recipient = g_strdup_printf("a@n%u.it", i);
		pace_start(pace, recipient, 0);
		pace_end(pace, recipient, 0, SECOND);
	}
	assert_false(pace_may_start(pace, "b@busy.it", SECOND));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_script);
	suite_add(suite, cmocka_unit_test(test_cancel),
	        cmocka_unit_test(test_many_domains));
	return suite_run(suite, "pace", NULL, NULL);
}
