// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one mistake of each kind that the debug kernel is to find, to see that
 * it does: echo KIND >/sys/module/provoke/parameters/mistake
 */
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

#define NR_NUMBERS	8
#define NR_LEAKS	16
#define BUFFER_SIZE	64

static int numbers[NR_NUMBERS];
/* An index beyond the first array stays within the object: UBSAN's alone. */
static struct {
	int first[NR_NUMBERS];
	int second[NR_NUMBERS];
} arrays;
static int __rcu *protected = (int __rcu *)&numbers[0];
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);

/* The compiler must not find out. */
static int beyond = NR_NUMBERS + 1;
static int bits = 32;
module_param(beyond, int, 0444);
module_param(bits, int, 0444);

static void dereference_without_reader(void)
{
	WRITE_ONCE(numbers[1], *rcu_dereference(protected));
}

static void sleep_under_spinlock(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void use_cpu_while_preemptible(void)
{
	WRITE_ONCE(numbers[1], smp_processor_id());
}

static void index_beyond_array(void)
{
	WRITE_ONCE(numbers[1], READ_ONCE(arrays.first[beyond]));
}

static void shift_by_width(void)
{
	WRITE_ONCE(numbers[1], 1 << bits);
}

static void never(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kmalloc_obj(*timer);

	if (!timer)
		return;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

static void corrupt_list(void)
{
	struct list_head entries[3] = { };
	LIST_HEAD(head);

	list_add(&entries[0], &head);
	list_add(&entries[1], &head);
	entries[1].next = &entries[2];
	list_del(&entries[1]);
}

static void leak(void)
{
	int i;

	for (i = 0; i < NR_LEAKS; i++)
		kmalloc(BUFFER_SIZE, GFP_KERNEL);
}

static void invert_lock_order(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);

	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
	mutex_unlock(&mutex_b);
}

static void read_slab_beyond(void)
{
	char *buffer = kzalloc(BUFFER_SIZE, GFP_KERNEL);

	if (!buffer)
		return;
	OPTIMIZER_HIDE_VAR(buffer);
	WRITE_ONCE(numbers[1], READ_ONCE(buffer[BUFFER_SIZE]));
	kfree(buffer);
}

static void read_freed(void)
{
	char *buffer = kzalloc(BUFFER_SIZE, GFP_KERNEL);

	kfree(buffer);
	OPTIMIZER_HIDE_VAR(buffer);
	WRITE_ONCE(numbers[1], READ_ONCE(buffer[1]));
}

static void read_vmalloc_beyond(void)
{
	char *buffer = vzalloc(PAGE_SIZE / 2);

	if (!buffer)
		return;
	OPTIMIZER_HIDE_VAR(buffer);
	WRITE_ONCE(numbers[1], READ_ONCE(buffer[PAGE_SIZE / 2]));
	vfree(buffer);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "rcu",		dereference_without_reader },
	{ "atomic",		sleep_under_spinlock },
	{ "preemptible",	use_cpu_while_preemptible },
	{ "bounds",		index_beyond_array },
	{ "shift",		shift_by_width },
	{ "timer",		free_active_timer },
	{ "list",		corrupt_list },
	{ "leak",		leak },
	{ "order",		invert_lock_order },
	{ "slab",		read_slab_beyond },
	{ "freed",		read_freed },
	{ "vmalloc",		read_vmalloc_beyond },
};

static int set_mistake(const char *value, const struct kernel_param *param)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (sysfs_streq(value, mistakes[i].name)) {
			mistakes[i].make();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops mistake_ops = {
	.set = set_mistake,
};
module_param_cb(mistake, &mistake_ops, NULL, 0200);

static int __init provoke_init(void)
{
	return 0;
}

static void __exit provoke_exit(void)
{
}

module_init(provoke_init);
module_exit(provoke_exit);
MODULE_DESCRIPTION("Mistakes for kernel checkers to find");
MODULE_LICENSE("GPL");
