// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has two threads race, to see that KCSAN tells: echo KIND
 * >/sys/module/race/parameters/mistake
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/string.h>

#define RACE_SECONDS	3

static int value;
/* What the writer hands over, and whether it has. */
static int payload;
static int ready;

static noinline void write_value(void)
{
	value++;
}

static noinline void read_value(void)
{
	WRITE_ONCE(ready, value);
}

static noinline void write_marked(void)
{
	WRITE_ONCE(value, READ_ONCE(value) + 1);
}

static noinline void read_marked(void)
{
	WRITE_ONCE(ready, READ_ONCE(value));
}

static noinline void wait_until(int state)
{
	while (READ_ONCE(ready) != state && !kthread_should_stop())
		cond_resched();
}

/* The barrier is what is missing: nothing else in here tells the other thread. */
static noinline void hand_over_unordered(void)
{
	int i;

	payload++;
	WRITE_ONCE(ready, 1);
	/* What a CPU may do, and KCSAN does: write the payload only now. */
	for (i = 0; i < 1000 && READ_ONCE(ready); i++)
		cpu_relax();
}

static noinline void hand_over_ordered(void)
{
	int i;

	payload++;
	smp_store_release(&ready, 1);
	for (i = 0; i < 1000 && READ_ONCE(ready); i++)
		cpu_relax();
}

static void write_unordered(void)
{
	wait_until(0);
	hand_over_unordered();
}

static void write_ordered(void)
{
	wait_until(0);
	hand_over_ordered();
}

static noinline void take_over(void)
{
	static int taken;

	if (smp_load_acquire(&ready) == 1) {
		/* For the writer to be seen holding the payload back. */
		udelay(50);
		WRITE_ONCE(taken, payload);
		smp_store_release(&ready, 0);
	}
}

static const struct kind {
	const char *name;
	void (*write)(void);
	void (*read)(void);
} kinds[] = {
	{ "marked",	write_marked,		read_marked },
	{ "ordered",	write_ordered,		take_over },
	{ "plain",	write_value,		read_value },
	{ "unordered",	write_unordered,	take_over },
};

static int writer(void *data)
{
	const struct kind *kind = data;

	while (!kthread_should_stop()) {
		kind->write();
		cond_resched();
	}
	return 0;
}

static int race(const struct kind *kind)
{
	unsigned long end = jiffies + RACE_SECONDS * HZ;
	struct task_struct *task;

	WRITE_ONCE(ready, 0);
	task = kthread_run(writer, (void *)kind, "race-%s", kind->name);
	if (IS_ERR(task))
		return PTR_ERR(task);

	while (time_before(jiffies, end)) {
		kind->read();
		cond_resched();
	}
	kthread_stop(task);
	return 0;
}

static int set_mistake(const char *name, const struct kernel_param *param)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (sysfs_streq(name, kinds[i].name))
			return race(&kinds[i]);
	}
	return -EINVAL;
}

static const struct kernel_param_ops mistake_ops = { .set = set_mistake };
module_param_cb(mistake, &mistake_ops, NULL, 0200);

static int __init race_init(void)
{
	return 0;
}
module_init(race_init);

static void __exit race_exit(void)
{
}
module_exit(race_exit);

MODULE_DESCRIPTION("Lets two threads race");
MODULE_LICENSE("GPL");
