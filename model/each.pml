/*
 * Every step for every board that it can concern, written out: spin takes constants fastest.
 */
#ifndef FAILING
#define FAILING ((1 << N) - 1)  /* mask: boards that may reboot or restart a daemon */
#endif
#if COLD
#define LEADERS (STANDS)
#else
#define LEADERS ((STANDS) | 1)
#endif
#if COLD
#define HOLDERS (POOL)
#else
#define HOLDERS ((POOL) | (1 << HOLDER))
#endif

#if N == 3
#define BOARDS(A) A(0) A(1) A(2)
#define ALL_WITH(A, b) A(b, 0) A(b, 1) A(b, 2)
#define BUT_0(A) A(0, 1) A(0, 2)
#define BUT_1(A) A(1, 0) A(1, 2)
#define BUT_2(A) A(2, 0) A(2, 1)
#define BUT_3(A)
#define BUT_4(A)
#else
#define BOARDS(A) A(0) A(1) A(2) A(3) A(4)
#define ALL_WITH(A, b) A(b, 0) A(b, 1) A(b, 2) A(b, 3) A(b, 4)
#define BUT_0(A) A(0, 1) A(0, 2) A(0, 3) A(0, 4)
#define BUT_1(A) A(1, 0) A(1, 2) A(1, 3) A(1, 4)
#define BUT_2(A) A(2, 0) A(2, 1) A(2, 3) A(2, 4)
#define BUT_3(A) A(3, 0) A(3, 1) A(3, 2) A(3, 4)
#define BUT_4(A) A(4, 0) A(4, 1) A(4, 2) A(4, 3)
#endif

#if LEADERS & 1
#define LEADER_0(A) A(0)
#define PAIR_0(A) BUT_0(A)
#define REACH_0(A) ALL_WITH(A, 0)
#else
#define LEADER_0(A)
#define PAIR_0(A)
#define REACH_0(A)
#endif
#if LEADERS & 2
#define LEADER_1(A) A(1)
#define PAIR_1(A) BUT_1(A)
#define REACH_1(A) ALL_WITH(A, 1)
#else
#define LEADER_1(A)
#define PAIR_1(A)
#define REACH_1(A)
#endif
#if LEADERS & 4
#define LEADER_2(A) A(2)
#define PAIR_2(A) BUT_2(A)
#define REACH_2(A) ALL_WITH(A, 2)
#else
#define LEADER_2(A)
#define PAIR_2(A)
#define REACH_2(A)
#endif
#if LEADERS & 8
#define LEADER_3(A) A(3)
#define PAIR_3(A) BUT_3(A)
#define REACH_3(A) ALL_WITH(A, 3)
#else
#define LEADER_3(A)
#define PAIR_3(A)
#define REACH_3(A)
#endif
#if LEADERS & 16
#define LEADER_4(A) A(4)
#define PAIR_4(A) BUT_4(A)
#define REACH_4(A) ALL_WITH(A, 4)
#else
#define LEADER_4(A)
#define PAIR_4(A)
#define REACH_4(A)
#endif
#define EACH_LEADER(A) LEADER_0(A) LEADER_1(A) LEADER_2(A) LEADER_3(A) LEADER_4(A)
#define EACH_PAIR(A) PAIR_0(A) PAIR_1(A) PAIR_2(A) PAIR_3(A) PAIR_4(A)
#define EACH_REACH(A) REACH_0(A) REACH_1(A) REACH_2(A) REACH_3(A) REACH_4(A)

#if HOLDERS & 1
#define HOLDER_0(A) A(0)
#else
#define HOLDER_0(A)
#endif
#if HOLDERS & 2
#define HOLDER_1(A) A(1)
#else
#define HOLDER_1(A)
#endif
#if HOLDERS & 4
#define HOLDER_2(A) A(2)
#else
#define HOLDER_2(A)
#endif
#if HOLDERS & 8
#define HOLDER_3(A) A(3)
#else
#define HOLDER_3(A)
#endif
#if HOLDERS & 16
#define HOLDER_4(A) A(4)
#else
#define HOLDER_4(A)
#endif
#define EACH_HOLDER(A) HOLDER_0(A) HOLDER_1(A) HOLDER_2(A) HOLDER_3(A) HOLDER_4(A)

#if REBOOTS || LOSSES || RESTARTS
#if FAILING & 1
#define FAILING_0(A) A(0)
#else
#define FAILING_0(A)
#endif
#if FAILING & 2
#define FAILING_1(A) A(1)
#else
#define FAILING_1(A)
#endif
#if FAILING & 4
#define FAILING_2(A) A(2)
#else
#define FAILING_2(A)
#endif
#if FAILING & 8
#define FAILING_3(A) A(3)
#else
#define FAILING_3(A)
#endif
#if FAILING & 16
#define FAILING_4(A) A(4)
#else
#define FAILING_4(A)
#endif
#define EACH_FAILING(A) FAILING_0(A) FAILING_1(A) FAILING_2(A) FAILING_3(A) FAILING_4(A)
#else
#define EACH_FAILING(A)
#endif

#if LOSSES && REGAIN
#define EACH_ASK(A) BUT_0(A) BUT_1(A) BUT_2(A) BUT_3(A) BUT_4(A)
#else
#define EACH_ASK(A)
#endif

#if TERMS == 1
#define TERMS_OF(A, b) A(b, 1)
#elif TERMS == 2
#define TERMS_OF(A, b) A(b, 1) A(b, 2)
#elif TERMS == 3
#define TERMS_OF(A, b) A(b, 1) A(b, 2) A(b, 3)
#else
#define TERMS_OF(A, b) A(b, 1) A(b, 2) A(b, 3) A(b, 4)
#endif

#if ALL_GRANTS == 1
#define GRANTS_OF(A, b) A(b, 1)
#elif ALL_GRANTS == 2
#define GRANTS_OF(A, b) A(b, 1) A(b, 2)
#elif ALL_GRANTS == 3
#define GRANTS_OF(A, b) A(b, 1) A(b, 2) A(b, 3)
#elif ALL_GRANTS == 4
#define GRANTS_OF(A, b) A(b, 1) A(b, 2) A(b, 3) A(b, 4)
#else
#define GRANTS_OF(A, b) A(b, 1) A(b, 2) A(b, 3) A(b, 4) A(b, 5) A(b, 6)
#endif

/* Versions of the term that a follower is in, by their number in it. */
#if VERSIONS <= 4
#define VERSIONS_OF(A, b) A(b, 1) A(b, 2) A(b, 3) A(b, 4)
#else
#define VERSIONS_OF(A, b) A(b, 1) A(b, 2) A(b, 3) A(b, 4) A(b, 5) A(b, 6)
#endif
