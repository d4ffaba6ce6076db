# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # run and its other files define the rest
# series.sh: checks of a series as a whole that are the same in every queue. Source
# after lib.sh.

# scattered_topics: the order of topics is the queue's own, that they are blocks is not.
scattered_topics() {
	printf '%s\n' "${entries[@]%%/*}" | uniq | sort | uniq -d |
		sed 's/$/: its patches do not follow each other/'
}

# section FILE HEADING: its text.
section() {
	awk -v heading="## $2" '/^## / { inside = $0 == heading; next } inside' "$1"
}

cover_problems() {
	local topic cover heading
	for topic in $(printf '%s\n' "${entries[@]%%/*}" | sort -u); do
		cover=$queue_patches/$topic/cover.md
		[[ -f $cover ]] || { echo "$topic/cover.md is missing"; continue; }
		for heading in Problem Approach Figures 'To be merged' Laboratory; do
			section "$cover" "$heading" | grep '[^[:space:]]' >/dev/null ||
				echo "$topic/cover.md has no text below '## $heading'"
		done
		section "$cover" Figures | grep '^Yardstick: .' >/dev/null ||
			echo "$topic/cover.md has no line 'Yardstick: …' below '## Figures'"
	done
	for cover in "$queue_patches"/*/cover.md; do
		topic=${cover%/cover.md}
		topic=${topic##*/}
		[[ ! -f $cover || " ${entries[*]}" == *" $topic/"* ]] ||
			echo "$topic/cover.md is of a topic without patches"
	done
}

# added COMMAND…: how many lines these commits add.
added() {
	review_git "$@" --numstat --no-renames --diff-algorithm=myers | awk '{ n += $1 } END { print n + 0 }'
}

# largest_topic: a topic is posted as one series. Prints the topic that adds most, and how
# many lines.
largest_topic() {
	local entry
	for entry in "${entries[@]}"; do
		review_git apply --numstat - <"$queue_patches/$entry" | sed "s,^,${entry%%/*} ,"
	done | awk '{ n[$1] += $2 } END { for (t in n) print t, n[t] }' | sort -k2,2nr -k1,1 | head -n1
}

# check_size: how much there is to review at once, and how much of it for nothing.
check_size() {
	local all again permille topic lines
	read -r topic lines < <(largest_topic)
	series_verdict "$( ((lines <= 6100)) && echo ok || echo FAIL)" size \
		"$lines lines added by topic $topic, which adds most; at most 6100, or split it"
	all=$(added log --format= "$base..HEAD")
	again=$((all - $(added diff "$base" HEAD)))
	permille=$((again * 1000 / (all + !all)))
	series_verdict "$( ((again * 50 <= all)) && echo ok || echo FAIL)" rewritten \
		"$again of $all lines of all topics ($((permille / 10)).$((permille % 10)) %) removed again by a later patch; at most 2 %"
}
