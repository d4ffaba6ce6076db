# SPDX-License-Identifier: GPL-2.0-only
"""For tests that compare the stock kernel with another: which one that is, and where
it runs."""

import vm
from cli import need_kernel
from paths import VM_RUN

STOCK = "stock"


def add_options(parser):
    """Options --variant and --kernel, a bzImage."""
    parser.add_argument("--variant", default="queue")
    parser.add_argument("--kernel")


def need_both(options):
    """Both kernels must be there."""
    need_kernel(STOCK)
    need_kernel(options.variant, options.kernel)


def run(options, which, *words):
    """vm.run() of tools/vm/run WORDS with two CPUs; WHICH is STOCK, or anything else for
    the other kernel."""
    kernel = ["--variant", STOCK] if which == STOCK else \
        ["--kernel", options.kernel] if options.kernel else ["--variant", options.variant]
    return vm.run([VM_RUN, "--quiet", *kernel, "--smp", "2", *words])
