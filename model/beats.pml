/*
 * Beats. A beat that is late is one that its receiver hears at once and uses late, so most runs keep none under way; a
 * lost one is never heard, and a stalled board is one that takes no step. Where the difference shows (L2), BUFFERED keeps
 * beats in the director's socket.
 */

/*
 * The director's beat reaches f: it may adopt the term (T1, no vote), and learns what was echoed (L1). Whom a director
 * calls stalled, and does not echo (L6), is a judgement: it echoes whom it likes of those that it may echo.
 */
#define canHearDirector(d, f) (role[d] == DIRECTOR && FREE(d) && FREE(f) && (term[d] > term[f] || \
  (term[d] == term[f] && (boss[f] == d || role[f] != DIRECTOR))))
inline hearDirector(d, f, echoes) {
  if :: term[f] != term[d] || boss[f] != d -> follow(f, term[d], d) :: else fi;
  bossAge[f] = 0;
  if
  :: echoes && PROVEN(d) && MAY_ECHO(d, f) && heardAge[AT(d, f)] < OLD ->
#ifdef NO_L1
    echoAge[f] = 0;
#else
    if :: heardAge[AT(d, f)] < echoAge[f] -> echoAge[f] = heardAge[AT(d, f)] :: else fi;
#endif
    echoed(d, f);
    renewAtOnce(f)
  :: else
  fi
}

/* L5 counts from the receipt of what was echoed. A beat that took no time is the worst: its own age stands for that. */
inline echoed(d, f) {
  if :: heardAge[AT(d, f)] < echoedAge[AT(d, f)] -> echoedAge[AT(d, f)] = heardAge[AT(d, f)] :: else fi
}

/* What a follower's beat does where its director takes it in: `echo` and `age` as it says them, aged on the way. */
inline takeIn(d, f, echo, age) {
#ifdef NO_L2
  provenAge[AT(d, f)] = 0;
#else
  if :: echo < provenAge[AT(d, f)] -> provenAge[AT(d, f)] = echo :: else fi;
#endif
  if :: age < heardAge[AT(d, f)] -> heardAge[AT(d, f)] = age
  :: else fi
}

/* A beat that is taken in at once. */
#define canBeat(d, f) (!HAS(BUFFERED, d) && FOLLOWS(f, d) && REMEMBERS(f) && FREE(d) && FREE(f) && (heardAge[AT(d, f)] != 0 || bossAge[f] < provenAge[AT(d, f)]))
inline beat(d, f) { takeIn(d, f, bossAge[f], 0) }

#if BUFFERED
/* One that waits in the socket, which keeps the oldest, with what it echoes. */
#define canPost(d, f) (HAS(BUFFERED, d) && boss[f] == d && REMEMBERS(f) && FREE(f) && waitingTerm[AT(d, f)] == 0 && bossAge[f] < STALE)
inline post(d, f) {
  waitingTerm[AT(d, f)] = term[f];
  waitingEcho[AT(d, f)] = bossAge[f];
  waitingAge[AT(d, f)] = 0
}
inline emptySocket(d, f) {
  waitingTerm[AT(d, f)] = 0; waitingEcho[AT(d, f)] = 0; waitingAge[AT(d, f)] = 0
}
#define canRead(d, f) (waitingTerm[AT(d, f)] != 0 && FREE(d))
inline read(d, f) {
  if
  :: role[d] == DIRECTOR && waitingTerm[AT(d, f)] == term[d] -> takeIn(d, f, waitingEcho[AT(d, f)], waitingAge[AT(d, f)])
  :: else
  fi;
  emptySocket(d, f)
}
#endif
