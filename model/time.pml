/*
 * A tick passes on every board at once: everything grows older, up to the age beyond which no rule tells it apart. A
 * board that takes no step between two ticks is stalled; its kernel's element runs on.
 */
#define GROW(x, cap) if :: x < (cap) -> x++ :: else fi

inline tick() {
  for (i : 0 .. N - 1) {
    GROW(bossAge[i], STALE);
    GROW(echoAge[i], OLD);
    GROW(elementAge[i], OLD);
    if :: role[i] == CANDIDATE -> GROW(claimAge[i], OLD) :: else fi;
    if :: role[i] == DIRECTOR -> GROW(sinceElected[i], WAITED) :: else fi;
    if :: REGAIN && amnesiac[i] -> GROW(amnesiaAge[i], 2 * LEASE) :: else fi;
#if INHAND
    if :: inHand[i] != OLD -> late[i] = true :: else fi;
#endif
    for (n : 0 .. N - 1) {
      GROW(heardAge[AT(i, n)], OLD);
      GROW(echoedAge[AT(i, n)], LAPSED);
      GROW(provenAge[AT(i, n)], PROOF);
#if BUFFERED
      if
      :: waitingTerm[AT(i, n)] != 0 -> GROW(waitingEcho[AT(i, n)], STALE); GROW(waitingAge[AT(i, n)], OLD)
      :: else
      fi
#endif
    }
  }
#if !INHAND
  /* What ran out is given up as soon as its pulse runs; a pulse that does not run does nothing else with it either. */
  for (i : 0 .. N - 1) { if :: held[i] != 0 && !STANDING(i) -> lose(i) :: else fi }
#endif
  for (i : 1 .. ALL_GRANTS) { GROW(orderAge[i], OLD) };
#if FAST
  ageOverlaps()
#endif
}
