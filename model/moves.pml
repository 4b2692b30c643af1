/*
 * Moves (M1-M5) and the wait (L5).
 */

/* M3: whom it may echo: who reported under its term, and owes no confirmation. */
#ifdef NO_M3
#define OWES(d, f) false
#else
#define OWES(d, f) HAS(abandonedIn[reg[d]], f)
#endif
#define MAY_ECHO(d, f) (HAS(reported[d], f) && !OWES(d, f))
#define FIT(d, to) (HAS(reported[d], to) && (to == d || !OWES(d, to)))
#define canServe(d, to) (role[d] == DIRECTOR && FREE(d) && HAS(POOL, to) && moving[d] == 0 && grantsMade[term[d]] < GRANTS && ROOM(d) && FIT(d, to) && \
  (nextGrant[reg[d]] == 0 || ENDED(d) || TERM_OF_GRANT(nextGrant[reg[d]]) < term[d]))
/*
 * A move that came to its end makes its holder the register's; then the next one is named. What another director named and
 * nobody reported is written over: that board is one of those that may hold it (R3), named or not.
 */
#define ENDED(d) (possible[AT(d, nextOf[reg[d]])] == nextGrant[reg[d]])
inline serve(d, to) {
  write(d, reg[d]);
  if :: nextGrant[v] != 0 && ENDED(d) -> holderOf[v] = nextOf[v]; holderGrant[v] = nextGrant[v] :: else fi;
  g = (term[d] - 1) * GRANTS + grantsMade[term[d]] + 1;
  grantsMade[term[d]]++;
  nextOf[v] = to; nextGrant[v] = g;
  grantTo[g] = to; grantVersion[g] = v;
  moving[d] = g; movingVersion[d] = v; acks[d] = BIT(d)
}

#ifdef NO_L5
#define LEASE_OUT(d, f) (f != d)
#else
#define LEASE_OUT(d, f) (f != d && sinceElected[d] == WAITED && echoedAge[AT(d, f)] == LAPSED)
#endif
#ifdef NO_R3
#define TRUSTED(d, f) (!NAMED_IN(reg[d], f))
#else
#define TRUSTED(d, f) false
#endif
#define CONFIRMED(d, f) ((HAS(reported[d], f) && possible[AT(d, f)] == 0) || TRUSTED(d, f))
#define CLEAR(d, f, to) (f == to || CONFIRMED(d, f) || LEASE_OUT(d, f))
#if N == 3
#define ALL_CLEAR(d, to) (CLEAR(d, 0, to) && CLEAR(d, 1, to) && CLEAR(d, 2, to))
#else
#define ALL_CLEAR(d, to) (CLEAR(d, 0, to) && CLEAR(d, 1, to) && CLEAR(d, 2, to) && CLEAR(d, 3, to) && CLEAR(d, 4, to))
#endif

#ifdef NO_M5
#define MAY_ORDER(d) true
#else
#define MAY_ORDER(d) PROVEN(d)
#endif
#if HANDS
#define BY_HAND(gr) (after[gr] != 0)
#else
#define BY_HAND(gr) false
#endif
/* Under fast anybody but itself may be called unreachable at any time: M1 (c) is a judgement. */
#define canOrder(d) (role[d] == DIRECTOR && FREE(d) && moving[d] != 0 && MAJORITY_OF(acks[d], reg[d]) && MAY_ORDER(d) && \
  (!ordered[moving[d]] || orderAge[moving[d]] == OLD || BY_HAND(moving[d])) && FIT(d, grantTo[moving[d]]) && \
  (FAST -> CLEAR(d, d, grantTo[moving[d]]) : ALL_CLEAR(d, grantTo[moving[d]])) && (ROOM(d) || !FAST))
inline order(d) {
  g = moving[d];
  set = 0;
  for (i : 0 .. N - 1) {
    if
    :: i != grantTo[g] && i != d && !CONFIRMED(d, i) ->
      if :: !LEASE_OUT(d, i) -> excused[g] = excused[g] | BIT(i) :: else fi;
      if :: possible[AT(d, i)] != 0 || NAMED_IN(reg[d], i) -> set = set | BIT(i) :: else fi
    :: else
    fi
  }
  /* M3: whoever was not confirmed and may hold it is written down, and not echoed until it confirmed. */
  if
  :: (set & ~abandonedIn[reg[d]]) != 0 && ROOM(d) ->
    write(d, reg[d]);
    abandonedIn[v] = abandonedIn[v] | set;
    if :: holderGrant[v] != 0 && HAS(set, holderOf[v]) -> holderOf[v] = 0; holderGrant[v] = 0 :: else fi
  :: else
  fi;
#if HANDS
  after[g] = 0;
#endif
  sendOrder(d)
}

inline sendOrder(d) {
  ordered[g] = true;
  orderAge[g] = (grantTo[g] == d -> 0 : heardAge[AT(d, grantTo[g])]);
  echoedAge[AT(d, grantTo[g])] = 0;
  possible[AT(d, grantTo[g])] = g
}

#if HANDS
/*
 * M8: while the holder goes on, the next one is ordered to take after it. Everybody else is clear (M1). What the holder's
 * beat says is heard by the next one itself, at any time; an order without it may follow as soon as M1 allows it.
 */
#define HOLDER_OF(d) holderOf[reg[d]]
#define CLEAR_BUT(d, f, to) (f == HOLDER_OF(d) || CLEAR(d, f, to))
#define canHand(d) (role[d] == DIRECTOR && FREE(d) && moving[d] != 0 && MAJORITY_OF(acks[d], reg[d]) && MAY_ORDER(d) && \
  (!ordered[moving[d]] || (orderAge[moving[d]] == OLD && BY_HAND(moving[d]))) && FIT(d, grantTo[moving[d]]) && \
  holderGrant[reg[d]] != 0 && HOLDER_OF(d) != grantTo[moving[d]] && HAS(reported[d], HOLDER_OF(d)) && \
  possible[AT(d, HOLDER_OF(d))] == holderGrant[reg[d]] && CLEAR_BUT(d, 0, grantTo[moving[d]]) && \
  CLEAR_BUT(d, 1, grantTo[moving[d]]) && CLEAR_BUT(d, 2, grantTo[moving[d]]))
inline hand(d) {
  g = moving[d];
  after[g] = holderGrant[reg[d]];
  sendOrder(d)
}
#endif

/* The move is given up: who may have been ordered owes a confirmation. */
#define canFail(d) (role[d] == DIRECTOR && moving[d] != 0 && ROOM(d) && GRANTS > 1)
inline fail(d) {
  g = moving[d];
  write(d, reg[d]);
  nextOf[v] = 0; nextGrant[v] = 0;
  if
  :: ordered[g] -> abandonedIn[v] = abandonedIn[v] | BIT(grantTo[g])
  :: else
  fi;
  moving[d] = 0; movingVersion[d] = 0; acks[d] = 0
}
/* The move is over: the board says that it holds it. */
#define canFinish(d) (role[d] == DIRECTOR && moving[d] != 0 && ordered[moving[d]] && GRANTS > 1 && \
  held[grantTo[moving[d]]] == moving[d] && FOLLOWS(grantTo[moving[d]], d))
inline finish(d) { moving[d] = 0; movingVersion[d] = 0; acks[d] = 0 }
