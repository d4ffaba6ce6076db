/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMSCOPE_KERNEL_CHECK_H
#define KVMSCOPE_KERNEL_CHECK_H

/*
 * Before anything is loaded: does the kernel below @root ("" for the real
 * system) have the tracepoint @name of KVM, and may this process use it?
 * Returns an exit status, the error having been reported.
 */
int kernel_check__tracepoint(const char *root, const char *name);

#endif /* KVMSCOPE_KERNEL_CHECK_H */
