/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HIST_BUCKETS_H
#define KVMSCOPE_HIST_BUCKETS_H

/*
 * The one definition of the histogram's buckets, shared by the BPF programs,
 * the CLI and the tests.
 *
 * Log-linear: every octave [2^e, 2^(e+1)) is cut into HIST_PER_OCTAVE equal
 * buckets, so a bucket is never wider than 1/8 of its lower bound.  Values
 * below HIST_PER_OCTAVE have a bucket each, which is what the formula gives for
 * the octaves that have fewer values than buckets.  Values of 2^HIST_OCTAVES
 * and more (six minutes at 3 GHz) share the last bucket, which has no upper
 * bound.
 *
 * The header is included after the fixed-width types of <linux/types.h>, and
 * uses no builtin: BPF has no count-leading-zeros instruction.
 */

#define HIST_OCTAVE_BITS	3
#define HIST_PER_OCTAVE		(1U << HIST_OCTAVE_BITS)
#define HIST_OCTAVES		40
#define HIST_BUCKETS \
	((HIST_OCTAVES - HIST_OCTAVE_BITS + 1) * HIST_PER_OCTAVE + 1)
#define HIST_LAST		(HIST_BUCKETS - 1)

static inline __attribute__((always_inline, unused))
__u32 hist_log2(__u64 value)
{
	__u32 log = 0, shift;

	shift = (value > 0xffffffffULL) << 5; value >>= shift; log |= shift;
	shift = (value > 0xffff) << 4; value >>= shift; log |= shift;
	shift = (value > 0xff) << 3; value >>= shift; log |= shift;
	shift = (value > 0xf) << 2; value >>= shift; log |= shift;
	shift = (value > 0x3) << 1; value >>= shift; log |= shift;

	return log | (__u32)(value >> 1);
}

/* The bucket that counts @value. */
static inline __attribute__((always_inline, unused))
__u32 hist_bucket(__u64 value)
{
	__u32 shift;

	if (value < HIST_PER_OCTAVE)
		return (__u32)value;
	if (value >> HIST_OCTAVES)
		return HIST_LAST;

	shift = hist_log2(value) - HIST_OCTAVE_BITS;
	return (shift << HIST_OCTAVE_BITS) + (__u32)(value >> shift);
}

/* The smallest value that @bucket counts. */
static inline __attribute__((always_inline, unused))
__u64 hist_bucket_ge(__u32 bucket)
{
	__u32 shift;

	if (bucket < HIST_PER_OCTAVE)
		return bucket;

	shift = (bucket >> HIST_OCTAVE_BITS) - 1;
	return (__u64)(HIST_PER_OCTAVE + bucket % HIST_PER_OCTAVE) << shift;
}

/* The largest value that @bucket counts: inclusive, as Prometheus' "le" is. */
static inline __attribute__((always_inline, unused))
__u64 hist_bucket_le(__u32 bucket)
{
	return bucket >= HIST_LAST ? ~0ULL : hist_bucket_ge(bucket + 1) - 1;
}

#endif /* KVMSCOPE_HIST_BUCKETS_H */
