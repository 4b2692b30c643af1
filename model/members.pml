/*
 * Votes change while the cluster runs (R4): `board leave` takes one board's vote away. A version that changes the votes
 * counts for its writer as soon as it is written, and for others as soon as they have it; R2 keeps it on their disks.
 *
 * R4: one vote at a time, and only when a majority has the director's newest version: then any two majorities that
 * count anywhere have a board in common, and who stands hears of the newest votes from one of its voters.
 */
#if LEAVES
#if N != 3
#error "LEAVES counts for three boards"
#endif
#define HAVE(d, f) (((f) == (d) || (FOLLOWS(f, d) && reg[f] == reg[d])) << (f))
#define canBeSure(d) (role[d] == DIRECTOR && !sure[d] && leaves > 0 && MAJORITY_OF(HAVE(d, 0) + HAVE(d, 1) + HAVE(d, 2), reg[d]))
inline beSure(d) { sure[d] = true }

#ifdef NO_R4
#define MAY_CHANGE_VOTES(d) true
#else
#define MAY_CHANGE_VOTES(d) sure[d]
#endif
/* Services first: who leaves holds nothing, and says so; a director does not take its own vote. */
#define canLeave(d, b) (role[d] == DIRECTOR && FREE(d) && b != d && leaves > 0 && ROOM(d) && moving[d] == 0 && \
  MAY_CHANGE_VOTES(d) && VOTER(reg[d], b) && CONFIRMED(d, b))
inline leave(d, b) {
  write(d, reg[d]);
  votersOf[v] = votersOf[v] & ~BIT(b);
  leaves--
}
#endif
