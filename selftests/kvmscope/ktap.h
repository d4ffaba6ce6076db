/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SELFTESTS_KTAP_H
#define KVMSCOPE_SELFTESTS_KTAP_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Results in KTAP.  A test checks many things under one name: the first failing
 * check says where, and fails the test.
 */
struct ktap {
	const char *test;
	bool failed;
	unsigned int run;
	unsigned int failures;
};

static struct ktap ktap;

#define check(condition, ...) do {						\
	if (!(condition) && !ktap.failed) {					\
		ktap.failed = true;						\
		printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition);	\
		printf(__VA_ARGS__);						\
		putchar('\n');							\
	}									\
} while (0)

static void ktap_plan(unsigned int tests)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", tests);
}

static void ktap_run(const char *name, void (*test)(void))
{
	ktap.failed = false;
	test();
	printf("%s %u %s\n", ktap.failed ? "not ok" : "ok", ++ktap.run, name);
	ktap.failures += ktap.failed;
}

struct ktap_test {
	const char *name;
	void (*run)(void);
};

/* Runs a list that ends with a NULL name; returns the exit status. */
static int ktap_run_all(const struct ktap_test *tests)
{
	unsigned int nr = 0;

	while (tests[nr].name)
		nr++;
	ktap_plan(nr);
	for (; tests->name; tests++)
		ktap_run(tests->name, tests->run);
	return ktap.failures ? 1 : 0;
}

#endif /* KVMSCOPE_SELFTESTS_KTAP_H */
