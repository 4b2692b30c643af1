/*
 * Faults that are counted. Loss, delay, doubling and stalls of any length are free: a step that is not taken.
 */

/* What a new life of b changes elsewhere: no stamp of the old one counts for it. */
inline newStamps(b) {
  bossAge[b] = STALE;
  echoAge[b] = OLD;
  for (i : 0 .. N - 1) {
    heardAge[AT(i, b)] = OLD;
#if BUFFERED
    emptySocket(b, i);
#endif
  }
  for (i : 1 .. ALL_GRANTS) { if :: grantTo[i] == b -> orderAge[i] = OLD :: else fi }
}

/* A new boot: the kernel forgot its elements, the run directory is of the old boot, the adopted term is lost. */
inline boot(b) {
  if :: role[b] != FOLLOWER -> clearRole(b) :: else fi;
  newStamps(b);
  boss[b] = NOBODY;
  held[b] = 0; elementAge[b] = OLD; refused[b] = 0; supersededAge[b] = 0;
#if INHAND
  inHand[b] = OLD; late[b] = false;
#endif
  for (i : 0 .. N - 1) { if :: HAS(reported[i], b) -> newLife[i] = newLife[i] | BIT(b) :: else fi }
  answers[b] = 0; seenTerm[b] = 0; amnesiaAge[b] = 0;
  for (i : 0 .. N - 1) { answers[i] = answers[i] & ~BIT(b) }
}

/* R2: grants are acknowledged from memory, so a board may come back with an older register. */
inline reboot(b, older) {
  boot(b);
  term[b] = votedTerm[b];
  if :: older -> reg[b] = 0 :: else fi;
  reboots--
}

inline loseDisk(b) {
  boot(b);
  term[b] = 0; votedTerm[b] = 0; reg[b] = 0;
  amnesiac[b] = true;
  losses--
}

/* A daemon alone: the adopted term, what is held and what is refused outlive it (T3, M2). */
inline restartNetrackd(b, older) {
  if :: role[b] != FOLLOWER -> clearRole(b); boss[b] = NOBODY :: else fi;
  if :: older -> reg[b] = 0 :: else fi;
  restarts--
}
inline restartPulse(b) {
  if :: role[b] != FOLLOWER -> clearRole(b); boss[b] = NOBODY :: else fi;
  newStamps(b);
  restarts--
}
