// SPDX-License-Identifier: GPL-2.0-only
#include "baseline.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#ifndef __x86_64__
#error "The tracepoint's cycles are x86 TSC cycles"
#endif

#include <cpuid.h>
#include <x86intrin.h>

#define PAIRS	4096

/* CPUID 0x80000001 EDX */
#define CPUID_RDTSCP	(1U << 27)

static bool has_rdtscp(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (edx & CPUID_RDTSCP);
}

/* Both as the kernel's rdtsc_ordered() does it: RDTSCP where there is one. */
static __u64 pair_rdtscp(void)
{
	unsigned int aux;
	__u64 start = __rdtscp(&aux);

	return __rdtscp(&aux) - start;
}

static __u64 pair_lfence(void)
{
	__u64 start, end;

	_mm_lfence();
	start = __rdtsc();
	_mm_lfence();
	end = __rdtsc();
	return end - start;
}

static int compare(const void *a, const void *b)
{
	const __u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

static void measure_cpu(struct baseline_cpu *result, int cpu)
{
	static __u64 samples[PAIRS];
	bool rdtscp = has_rdtscp();
	size_t i;

	for (i = 0; i < PAIRS; i++)
		samples[i] = rdtscp ? pair_rdtscp() : pair_lfence();
	qsort(samples, PAIRS, sizeof(*samples), compare);

	result->cpu = cpu;
	result->min = samples[0];
	result->median = samples[PAIRS / 2];
}

static int summarize(struct baseline *baseline)
{
	__u64 *medians = calloc(baseline->nr_cpus, sizeof(*medians));
	size_t i;

	if (!medians)
		return -ENOMEM;

	baseline->min = baseline->cpus[0].min;
	for (i = 0; i < baseline->nr_cpus; i++) {
		medians[i] = baseline->cpus[i].median;
		if (baseline->min > baseline->cpus[i].min)
			baseline->min = baseline->cpus[i].min;
	}
	qsort(medians, baseline->nr_cpus, sizeof(*medians), compare);
	baseline->median = medians[baseline->nr_cpus / 2];

	free(medians);
	return 0;
}

int baseline__measure(struct baseline *baseline)
{
	cpu_set_t allowed, one;
	int cpu, err;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -errno;

	baseline->nr_cpus = 0;
	baseline->cpus = calloc(CPU_SETSIZE, sizeof(*baseline->cpus));
	if (!baseline->cpus)
		return -ENOMEM;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		/* Fails if the CPU has gone offline meanwhile. */
		if (sched_setaffinity(0, sizeof(one), &one))
			continue;
		measure_cpu(&baseline->cpus[baseline->nr_cpus++], cpu);
	}
	sched_setaffinity(0, sizeof(allowed), &allowed);

	err = baseline->nr_cpus ? summarize(baseline) : -ENODEV;
	if (err)
		baseline__release(baseline);
	return err;
}

void baseline__release(struct baseline *baseline)
{
	free(baseline->cpus);
	baseline->cpus = NULL;
	baseline->nr_cpus = 0;
}
