/*
 * What a run may use. Each is set from outside (-D); these are the values of the smallest run.
 */
#ifndef N
#define N 3            /* boards 0..N-1; all of them vote */
#endif
#ifndef LEASE
#define LEASE 2        /* ticks */
#endif
#ifndef PROOF
#define PROOF 1        /* ticks: an echo is fresh in the tick in which the echoed beat was sent */
#endif
#ifndef MARGIN
#define MARGIN 0       /* ticks beyond the lease that L5 waits: all clocks are alike here */
#endif
#ifndef TERMS
#define TERMS 2        /* highest term that anybody may stand in */
#endif
#ifndef GRANTS
#define GRANTS 1       /* grants for each term */
#endif
#ifndef VERSIONS
#define VERSIONS 3     /* register versions for each term */
#endif
#ifndef REBOOTS
#define REBOOTS 0      /* reboots that keep the disk */
#endif
#ifndef LOSSES
#define LOSSES 0       /* reboots that lose it: amnesia */
#endif
#ifndef REGAIN
#define REGAIN 1       /* 0: a board that lost its memory stays amnesiac to the end */
#endif
#ifndef RESTARTS
#define RESTARTS 0     /* restarts of a netrackd or a pulse alone */
#endif
#ifndef LEAVES
#define LEAVES 0       /* votes that are taken from boards, one at a time */
#endif
#ifndef HANDS
#define HANDS 0        /* a planned move may go from hand to hand (M8) */
#endif
#ifndef STANDS
#define STANDS 3       /* mask: boards that may stand */
#endif
#ifndef POOL
#define POOL 6         /* mask: boards that may be given the address */
#endif
#ifndef FAST
#define FAST 0         /* takeover: fast, else strict */
#endif
#ifndef OVERLAP
#define OVERLAP (LEASE + MARGIN) /* under fast: ticks that two boards may answer */
#endif
#ifndef BUFFERED
#define BUFFERED 0     /* mask: directors whose socket holds the oldest beat of each follower until it is read */
#endif
#ifndef COLD
#define COLD 0         /* begin without a term, else with board 0 directing term 1 and HOLDER holding grant 1 */
#endif
#ifndef HOLDER
#define HOLDER 1
#endif

#ifndef INHAND
#define INHAND 0       /* a renewal is computed in one step and reaches the kernel in another */
#endif

#if defined(NO_L3)
#undef INHAND
#define INHAND 1
#endif
#if defined(NO_L2)
#undef BUFFERED
#define BUFFERED 1     /* without L2 it matters when a beat is read */
#endif

#define MAJORITY (N / 2 + 1)
#define NOBODY N
#define BIT(b) (1 << (b))
#define HAS(set, b) (((set) >> (b)) & 1)
#define AT(d, f) ((d) * N + (f))
#define ALL_GRANTS (TERMS * GRANTS)
#define ALL_VERSIONS (TERMS * VERSIONS)
#define TERM_OF_GRANT(g) (((g) - 1) / GRANTS + 1)
#define TERM_OF_VERSION(v) (((v) + VERSIONS - 1) / VERSIONS)
