/*
 * Progress. At any moment all faults may be over: then every board runs, hears everybody, and does at once what it may.
 * That is one course of events, and after HEAL ticks of it the address must be served under a director whose proof
 * stands. It is asked of every state that the faults can lead to, so no fairness has to be assumed; what it costs to ask
 * is why the course is one step, after which the run begins anew.
 */
hidden byte b, f, ticks, top, chief, remembering;

/* A director of the highest term that can still write and grant; terms, versions and grants are bounded here alone. */
#define ABLE(d) (role[d] == DIRECTOR && term[d] == top && \
  term[d] * VERSIONS - lastVersion[term[d]] >= 3 && grantsMade[term[d]] < GRANTS)

inline choose() {
  top = 0; remembering = 0;
  for (b : 0 .. N - 1) {
    if :: !amnesiac[b] -> remembering++ :: else fi;
    if :: term[b] > top -> top = term[b] :: else fi;
    if :: votedTerm[b] > top -> top = votedTerm[b] :: else fi
  }
  for (b : 0 .. N - 1) { if :: ABLE(b) -> chief = b :: else fi }
  if
  :: chief == NOBODY && remembering >= MAJORITY ->
    assert(top < TERMS);
    for (b : 0 .. N - 1) { if :: chief == NOBODY && !amnesiac[b] -> chief = b :: else fi }
    stand(chief, top + 1);
    for (f : 0 .. N - 1) { if :: f != chief && canVote(f, chief) -> vote(f, chief) :: else fi };
    if :: canLead(chief) -> lead(chief) :: else fi
  :: else
  fi
}

/* A beat, a report, a write and a release for everybody. */
inline exchange() {
  for (f : 0 .. N - 1) {
    if :: f != chief && canHearDirector(chief, f) -> hearDirector(chief, f, true) :: else fi;
    if :: f != chief && canBeat(chief, f) -> beat(chief, f) :: else fi;
    if :: canRelease(chief, f) -> release(chief, f) :: else fi;
    if :: canReport(chief, f) -> report(chief, f) :: else fi
  }
  for (f : 0 .. N - 1) {
    if
    :: f != chief && FOLLOWS(f, chief) && role[f] == FOLLOWER && REMEMBERS(f) && reg[f] < reg[chief] ->
      takeWrite(f, reg[chief] - (term[chief] - 1) * VERSIONS)
    :: else
    fi
  }
  if :: canRenew(chief) -> renew(chief) :: else fi
}

inline place() {
  top = 0;
  for (f : 0 .. N - 1) { if :: held[f] != 0 && STANDING(f) -> top = 1 :: else fi }
  for (f : 0 .. N - 1) { if :: !top && canServe(chief, f) -> serve(chief, f) :: else fi }
  exchange();
  if :: canOrder(chief) -> order(chief) :: else fi;
  if
  :: moving[chief] != 0 && canTake(grantTo[moving[chief]], moving[chief]) -> take(grantTo[moving[chief]], moving[chief])
  :: else
  fi
}

inline heal() {
  chief = NOBODY;
  for (ticks : 1 .. HEAL) {
    for (b : 0 .. N - 1) {
      for (f : 0 .. N - 1) { if :: f != b && canAsk(b, f) -> ask(b, f) :: else fi }
      if :: canRegain(b) -> regain(b) :: else fi
    }
    if :: chief == NOBODY -> choose() :: else fi;
    if :: chief != NOBODY && role[chief] == DIRECTOR -> exchange(); exchange(); place(); exchange() :: else fi;
    if :: ticks < HEAL -> tick(0) :: else fi
  }
  top = 0;
  for (b : 0 .. N - 1) {
    if :: held[b] != 0 && STANDING(b) && chief != NOBODY && NAMES(reg[chief], b, held[b]) -> top++ :: else fi
  }
  /* T5's cost: where no majority remembers, nothing moves without `softset quorum force`. */
  assert(remembering < MAJORITY || (top == 1 && PROVEN(chief)));
  start()
}
