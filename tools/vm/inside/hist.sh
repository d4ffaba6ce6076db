# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# hist.sh: kvmscope hist in the background, inside the VM. Source it; it calls the
# script's own die.

hist_json=/tmp/hist.json
hist_said=/tmp/hist.said

# start_hist ARGUMENT…: returns once it is attached.
start_hist()
{
	rm -f $hist_said
	kvmscope hist --json "$@" >$hist_json 2>$hist_said &
	hist_pid=$!
	hist_tries=0
	until grep -qs attached $hist_said; do
		kill -0 $hist_pid 2>/dev/null || die "kvmscope hist failed: $(cat $hist_said)"
		hist_tries=$((hist_tries + 1))
		[ $hist_tries -lt 600 ] || die "kvmscope hist is not attached after a minute"
		sleep 0.1
	done
}

# end_hist: what it measured is in $hist_json then, one line of JSON an interval.
end_hist()
{
	kill -INT $hist_pid
	wait $hist_pid || die "kvmscope hist failed: $(cat $hist_said)"
}
