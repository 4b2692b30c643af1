/*
 * A tick passes on every board at once: everything grows older, up to the age beyond which no rule tells it apart. A
 * board that takes no step between two ticks is stalled; its kernel's element runs on.
 */
#if SLOW
#define TICKS(b) (!HAS(slow, b))
#else
#define TICKS(b) true
#endif
#define GROW(x, cap, owner) if :: TICKS(owner) && x < (cap) -> x++ :: else fi

inline tick(slow) {
  for (i : 0 .. N - 1) {
#if SLOW
    if :: HAS(slow, i) -> skipped[i] = DRIFT :: skipped[i] != 0 && !HAS(slow, i) -> skipped[i]-- :: else fi;
#endif
    GROW(bossAge[i], STALE, (boss[i] == NOBODY -> i : boss[i]));
    GROW(echoAge[i], OLD, i);
    GROW(elementAge[i], OLD, i);
    if :: role[i] == CANDIDATE -> GROW(claimAge[i], OLD, i) :: else fi;
    if :: role[i] == DIRECTOR -> GROW(sinceElected[i], WAITED, i) :: else fi;
    if :: REGAIN && amnesiac[i] -> GROW(amnesiaAge[i], 2 * LEASE, i) :: else fi;
#if INHAND
    if :: inHand[i] != OLD -> late[i] = true :: else fi;
#endif
    for (n : 0 .. N - 1) {
      GROW(heardAge[AT(i, n)], OLD, n);
      GROW(echoedAge[AT(i, n)], LAPSED, i);
      GROW(provenAge[AT(i, n)], PROOF, i);
#if SLOW
      GROW(receiptAge[AT(i, n)], LAPSED, i);
#endif
#if BUFFERED
      if
      :: waitingTerm[AT(i, n)] != 0 -> GROW(waitingEcho[AT(i, n)], STALE, i); GROW(waitingAge[AT(i, n)], OLD, n)
      :: else
      fi
#endif
    }
  }
#if !INHAND
  /* What ran out is given up as soon as its pulse runs; a pulse that does not run does nothing else with it either. */
  for (i : 0 .. N - 1) { if :: held[i] != 0 && !STANDING(i) -> lose(i) :: else fi }
#endif
  for (i : 1 .. ALL_GRANTS) { GROW(orderAge[i], OLD, grantTo[i]) };
#if FAST
  ageOverlaps()
#endif
}
