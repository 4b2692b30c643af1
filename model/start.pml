/*
 * Where a run begins. COLD: nobody has voted. Else board 0 directs term 1, elected by as many as it takes, and HOLDER
 * holds grant 1 under a fresh lease; the others follow it and never voted, for whoever needs no vote casts none.
 */
inline start() {
  for (i : 0 .. N - 1) {
    clearRole(i);
    votedTerm[i] = 0; term[i] = 0; reg[i] = 0; refused[i] = 0; held[i] = 0; supersededAge[i] = 0;
    amnesiac[i] = false; amnesiaAge[i] = 0; answers[i] = 0; seenTerm[i] = 0;
    boss[i] = NOBODY; bossAge[i] = STALE; echoAge[i] = OLD; elementAge[i] = OLD;
#if INHAND
    inHand[i] = OLD; late[i] = false;
#endif
#if BUFFERED
    for (n : 0 .. N - 1) { emptySocket(i, n) }
#endif
  }
  for (i : 0 .. TERMS) { directorOf[i] = NOBODY; lastVersion[i] = 0; grantsMade[i] = 0 }
  for (i : 0 .. ALL_VERSIONS) {
    holderOf[i] = 0; holderGrant[i] = 0; nextOf[i] = 0; nextGrant[i] = 0; abandonedIn[i] = 0;
#if LEAVES
    votersOf[i] = (1 << N) - 1
#endif
  }
  for (i : 0 .. ALL_GRANTS) { grantTo[i] = 0; grantVersion[i] = 0; ordered[i] = false; orderAge[i] = OLD; excused[i] = 0 }
#if HANDS
  for (i : 0 .. ALL_GRANTS) { after[i] = 0 }
  for (i : 0 .. N - 1) { gone[i] = 0 }
#endif
  reboots = REBOOTS; losses = LOSSES; restarts = RESTARTS;
#if !COLD
  for (i : 0 .. N - 1) {
    term[i] = 1; boss[i] = 0; reg[i] = 1;
    if :: i < MAJORITY -> keepVote(i, 1) :: else fi
  }
  directorOf[1] = 0; lastVersion[1] = 1;
  holderOf[1] = HOLDER; holderGrant[1] = 1;
  grantsMade[1] = 1; grantTo[1] = HOLDER; grantVersion[1] = 1;
  held[HOLDER] = 1; elementAge[HOLDER] = 0;
  role[0] = DIRECTOR; sinceElected[0] = 0;
  reported[0] = (1 << N) - 1; possible[AT(0, HOLDER)] = 1
#endif
}
