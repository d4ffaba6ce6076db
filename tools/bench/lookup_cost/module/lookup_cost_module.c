// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls KVM's gfn lookup in a loop, on a VM that a user program made, and
 * reports how many TSC ticks that took, next to the same loop over an empty
 * function.  Under QEMU's -icount a tick is an instruction.
 */
#include <linux/file.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/kvm_host.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lookup_cost.h"

typedef struct kvm_memory_slot *(*lookup_fn)(void *vm_or_vcpu, gfn_t gfn);

static lookup_fn lookups[2];
static bool (*is_kvm_file)(struct file *file);

static noinline struct kvm_memory_slot *empty_lookup(void *vm_or_vcpu, gfn_t gfn)
{
	/* Keeps the compiler from calling, or inlining, a cheaper copy. */
	barrier();
	return NULL;
}

static noinline u64 time_lookups(lookup_fn fn, void *arg, const u64 *gfns,
				 const struct lookup_cost *cost, u64 *found)
{
	u64 start, end, hits = 0;
	unsigned long flags;
	u32 round, i;

	/* An interrupt's ticks would be counted as the lookup's. */
	local_irq_save(flags);
	start = rdtsc_ordered();
	for (round = 0; round < cost->rounds; round++) {
		for (i = 0; i < cost->nr_gfns; i++)
			hits += fn(arg, gfns[i]) != NULL;
	}
	end = rdtsc_ordered();
	local_irq_restore(flags);

	*found = hits;
	return end - start;
}

static int measure_vm(struct kvm *kvm, const u64 *gfns, struct lookup_cost *cost)
{
	struct kvm_vcpu *vcpu = kvm_get_vcpu(kvm, 0);
	lookup_fn fn = lookups[cost->function];
	void *arg = kvm;
	u64 ignored;
	int idx;

	if (cost->function == LOOKUP_VCPU) {
		if (!vcpu)
			return -ENOENT;
		/* Lookups change the vCPU's last used slot. */
		if (mutex_lock_killable(&vcpu->mutex))
			return -EINTR;
		arg = vcpu;
	}

	idx = srcu_read_lock(&kvm->srcu);
	/* The first round fills caches, which an emulator has, too. */
	time_lookups(fn, arg, gfns, cost, &ignored);
	cost->cycles_empty = time_lookups(empty_lookup, arg, gfns, cost, &ignored);
	cost->cycles = time_lookups(fn, arg, gfns, cost, &cost->found);
	srcu_read_unlock(&kvm->srcu, idx);

	if (arg == vcpu)
		mutex_unlock(&vcpu->mutex);
	return 0;
}

static long lookup_cost_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lookup_cost __user *user = (void __user *)arg;
	struct lookup_cost cost;
	struct file *vm_file;
	u64 *gfns;
	long r;

	if (cmd != LOOKUP_COST_MEASURE)
		return -ENOTTY;
	if (copy_from_user(&cost, user, sizeof(cost)))
		return -EFAULT;
	if (cost.function >= ARRAY_SIZE(lookups) || !cost.rounds ||
	    !cost.nr_gfns || cost.nr_gfns > LOOKUP_COST_MAX_GFNS)
		return -EINVAL;

	gfns = memdup_array_user(u64_to_user_ptr(cost.gfns), cost.nr_gfns, sizeof(*gfns));
	if (IS_ERR(gfns))
		return PTR_ERR(gfns);

	vm_file = fget(cost.vm_fd);
	if (!vm_file) {
		r = -EBADF;
	} else {
		r = is_kvm_file(vm_file) ?
		    measure_vm(vm_file->private_data, gfns, &cost) : -EINVAL;
		fput(vm_file);
	}
	kfree(gfns);

	if (!r && copy_to_user(user, &cost, sizeof(cost)))
		r = -EFAULT;
	return r;
}

static const struct file_operations lookup_cost_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= lookup_cost_ioctl,
};

static struct miscdevice lookup_cost_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "lookup_cost",
	.fops	= &lookup_cost_fops,
};

/*
 * KVM exports its functions to KVM's own modules only, and the kernel does not
 * export kallsyms_lookup_name(), but a kprobe tells its address.
 */
static int resolve_functions(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup_name)(const char *name);
	int r;

	r = register_kprobe(&probe);
	if (r)
		return r;
	lookup_name = (void *)probe.addr;
	unregister_kprobe(&probe);

	lookups[LOOKUP_VM] = (void *)lookup_name("kvm:gfn_to_memslot");
	lookups[LOOKUP_VCPU] = (void *)lookup_name("kvm:kvm_vcpu_gfn_to_memslot");
	is_kvm_file = (void *)lookup_name("kvm:file_is_kvm");

	return lookups[LOOKUP_VM] && lookups[LOOKUP_VCPU] && is_kvm_file ? 0 : -ENOENT;
}

static int __init lookup_cost_init(void)
{
	int r = resolve_functions();

	if (r) {
		pr_err("lookup_cost: KVM's lookup functions not found, is kvm.ko loaded?\n");
		return r;
	}
	return misc_register(&lookup_cost_device);
}

static void __exit lookup_cost_exit(void)
{
	misc_deregister(&lookup_cost_device);
}

module_init(lookup_cost_init);
module_exit(lookup_cost_exit);
MODULE_DESCRIPTION("Cost of KVM's gfn lookup");
MODULE_LICENSE("GPL");
