/*
 * Terms and votes (T1-T5). Anybody may stand at any time: whether a director is missed is a judgement, and no rule of
 * safety may rest on it. The candidate reads votes late or early, as it likes, by when it takes the lead.
 */
inline keepVote(b, t) {
#if REBOOTS || LOSSES
  votedTerm[b] = t
#else
  skip /* the term in memory says as much for as long as nobody reboots */
#endif
}

#define canStand(b, t) (HAS(STANDS, b) && VOTER(reg[b], b) && !amnesiac[b] && FREE(b) && term[b] < t && votedTerm[b] < t)
inline stand(b, t) {
  clearRole(b);
  follow(b, t, b);
  role[b] = CANDIDATE;
  keepVote(b, t);
  votes[b] = BIT(b);
  claimAge[b] = 0;
  newest[b] = reg[b];
  reported[b] = BIT(b);
  possible[AT(b, b)] = held[b];
}

/* A vote brings what the voter holds, and its register (R3). */
#define canVote(f, c) (role[c] == CANDIDATE && FREE(f) && REMEMBERS(f) && !amnesiac[c] && term[f] < term[c] && votedTerm[f] < term[c])
inline vote(f, c) {
  follow(f, term[c], c);
  keepVote(f, term[c]);
  votes[c] = votes[c] | BIT(f);
  reported[c] = reported[c] | BIT(f);
  possible[AT(c, f)] = held[f];
  if :: reg[f] > newest[c] -> newest[c] = reg[f] :: else fi
}

#define canLead(c) (role[c] == CANDIDATE && FREE(c) && VOTER(newest[c], c) && MAJORITY_OF(votes[c], newest[c]) && claimAge[c] < LEASE)
inline lead(c) {
  assert(directorOf[term[c]] == NOBODY);
  directorOf[term[c]] = c;
  role[c] = DIRECTOR;
  sinceElected[c] = 0;
  votes[c] = 0; claimAge[c] = OLD;
  write(c, newest[c]);
  newest[c] = 0;
  for (i : 0 .. N - 1) { mend(c, i) }
}

/* T4, T5: a board without memory, until two leases have passed and a majority that remembers has answered. */
#define canAsk(b, f) (amnesiac[b] && !amnesiac[f] && !HAS(answers[b], f))
inline ask(b, f) {
  answers[b] = answers[b] | BIT(f);
  if :: term[f] > seenTerm[b] -> seenTerm[b] = term[f] :: else fi;
  if :: votedTerm[f] > seenTerm[b] -> seenTerm[b] = votedTerm[f] :: else fi
}
#ifdef NO_T5
#define canRegain(b) (REGAIN && amnesiac[b])
#else
#define canRegain(b) (amnesiac[b] && FREE(b) && amnesiaAge[b] == 2 * LEASE && COUNT(answers[b]) >= MAJORITY)
#endif
inline regain(b) {
#ifndef NO_T5
  /* It votes in higher terms only, and follows nobody of a lower term than the highest that it heard of. */
  if :: seenTerm[b] < term[b] -> seenTerm[b] = term[b] :: else fi;
  votedTerm[b] = seenTerm[b];
  if :: term[b] < seenTerm[b] -> follow(b, seenTerm[b], NOBODY) :: else fi;
#endif
  amnesiac[b] = false; amnesiaAge[b] = 0; answers[b] = 0; seenTerm[b] = 0
}
