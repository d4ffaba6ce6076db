# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# choices.sh: a module parameter that lists its choices, the current one in
# brackets, as kvm.memslot_index: "linear bsearch [rbtree]". For scripts inside
# the VM, which has it in /usr/lib/kvmscope. Source it.

# current_choice FILE
current_choice()
{
	sed 's/.*\[\(.*\)\].*/\1/' "$1"
}

# all_choices FILE
all_choices()
{
	tr -d '[]' <"$1"
}
