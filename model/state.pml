/*
 * What a board knows. Boards have no sequence numbers: a stamp (boot, incarnation, sequence) names the sender's own send
 * time, so the model keeps the age of that beat by the sender's clock, and a new life sets the old one's stamps to OLD.
 * Ages stop at a cap beyond which no rule tells them apart, so the model needs no clock that runs on for ever.
 */
#define OLD LEASE                              /* as old as a lease, or never sent: it proves nothing */
#define STALE PROOF                            /* too old an echo for a proof */
#define WAITED (LEASE + PROOF + MARGIN)        /* L5: since the election */
#define LAPSED (LEASE + MARGIN)                /* L5: since the last echo or order */

#define FOLLOWER 0
#define CANDIDATE 1
#define DIRECTOR 2

/* On disk. */
byte votedTerm[N];            /* T1: highest term in which it voted */
/* In memory. */
byte role[N];
byte term[N];                 /* highest term adopted */
byte boss[N];                 /* whom it follows, NOBODY for none */
byte bossAge[N];              /* age of its director's beat that it heard last, to be echoed */
byte echoAge[N];              /* L1: age of its own newest beat that a director echoed */
byte reg[N];                  /* version of its register, 0 for the empty one */
byte refused[N];              /* M2: it creates nothing up to this grant */
byte held[N];                 /* the grant that it believes to hold, 0 for none */
bool amnesiac[N];
byte amnesiaAge[N];
byte answers[N];              /* T5: boards that answered its new life */
byte seenTerm[N];             /* T5: highest term that it heard of */
/* In the kernel: the element ends without any program of ours. */
byte elementAge[N];           /* age of the beat from which the element runs; OLD: there is none */
#if INHAND
byte inHand[N];               /* L3, L4: age that a renewal had when it was computed, OLD for none */
bool late[N];                 /* a tick passed since then */
#endif

/* A candidate's. */
byte votes[N];
byte claimAge[N];             /* T2 */
byte newest[N];               /* newest register among its voters' */
/* A director's. */
byte sinceElected[N];
byte reported[N];             /* R3: boards that reported under this term */
byte newLife[N];              /* boards that rebooted since they reported */
byte moving[N];               /* grant of the move under way, 0 for none */
byte movingVersion[N];        /* version that names it (M4) */
byte acks[N];
byte possible[N * N];         /* grant that a board may hold, by all the director knows */
byte heardAge[N * N];         /* age, by its sender's clock, of the newest beat of a follower */
byte echoedAge[N * N];        /* L5: of the newest that was echoed */
byte provenAge[N * N];        /* L2: age of its own newest beat that the follower echoed */
#if BUFFERED
/* The socket of director d, for beats of f: the oldest, if it holds one. */
byte waitingTerm[N * N];      /* 0: empty */
byte waitingEcho[N * N];      /* age of the director's beat that it echoes */
byte waitingAge[N * N];       /* age of the beat itself */
#endif

/* What is written down once, for the whole run. */
byte directorOf[TERMS + 1];       /* whom a term elected */
byte lastVersion[TERMS + 1];      /* newest version that a term's director wrote */
byte holderOf[ALL_VERSIONS + 1], holderGrant[ALL_VERSIONS + 1];
byte nextOf[ALL_VERSIONS + 1], nextGrant[ALL_VERSIONS + 1];
byte abandonedIn[ALL_VERSIONS + 1];
byte grantsMade[TERMS + 1];
byte grantTo[ALL_GRANTS + 1];
byte grantVersion[ALL_GRANTS + 1];
bool ordered[ALL_GRANTS + 1];     /* once sent, an order may arrive at any time, and more than once */
byte orderAge[ALL_GRANTS + 1];    /* M5: age of the receiver's beat that the order names */
byte excused[ALL_GRANTS + 1];     /* boards that its director called unreachable (M1 c) */
#if HANDS
byte after[ALL_GRANTS + 1];       /* M8: the grant that its order comes after, 0 for none */
byte gone[N];                     /* M8: up to which grant a beat of it said that it let go; heard at any time, or never */
#endif
byte supersededAge[N];            /* for how long it has answered beside the holder of a later grant */

#if LEAVES
byte leaves = LEAVES;
byte votersOf[ALL_VERSIONS + 1];  /* who votes, by this version */
bool sure[N];                     /* R4: a majority is known to have the director's newest version */
#endif
byte reboots = REBOOTS, losses = LOSSES, restarts = RESTARTS;

hidden byte i, n, g, v;
hidden byte set;

#define STANDING(b) (elementAge[b] < LEASE)
#define NAMES(ver, b, gr) ((holderOf[ver] == (b) && holderGrant[ver] == (gr)) || (nextOf[ver] == (b) && nextGrant[ver] == (gr)))
#define NAMED_IN(ver, b) ((holderGrant[ver] != 0 && holderOf[ver] == (b)) || (nextGrant[ver] != 0 && nextOf[ver] == (b)))
#define ROOM(d) (lastVersion[term[d]] < term[d] * VERSIONS)
#define FOLLOWS(f, d) (role[d] == DIRECTOR && boss[f] == (d) && term[f] == term[d])

#if N == 3
#define COUNT(s) (HAS(s, 0) + HAS(s, 1) + HAS(s, 2))
#else
#define COUNT(s) (HAS(s, 0) + HAS(s, 1) + HAS(s, 2) + HAS(s, 3) + HAS(s, 4))
#endif

/* R4: whose vote counts is what the version says; where nobody leaves, all of them do. */
#if LEAVES
#define VOTER(ver, b) HAS(votersOf[ver], b)
#define MAJORITY_OF(set, ver) (2 * COUNT((set) & votersOf[ver]) > COUNT(votersOf[ver]))
#else
#define VOTER(ver, b) true
#define MAJORITY_OF(set, ver) (COUNT(set) >= MAJORITY)
#endif

/* L2: boards with a majority of votes, itself among them, echoed a beat of it that is no older than that. */
#define FRESH(d, f) ((f) != (d) && provenAge[AT(d, f)] < PROOF)
#if LEAVES
#define COUNTS(d, f) (VOTER(reg[d], f) && ((f) == (d) || FRESH(d, f)))
#define PROVEN(d) (2 * (COUNTS(d, 0) + COUNTS(d, 1) + COUNTS(d, 2)) > COUNT(votersOf[reg[d]]))
#elif N == 3
#define PROVEN(d) (FRESH(d, 0) + FRESH(d, 1) + FRESH(d, 2) + 1 >= MAJORITY)
#else
#define PROVEN(d) (FRESH(d, 0) + FRESH(d, 1) + FRESH(d, 2) + FRESH(d, 3) + FRESH(d, 4) + 1 >= MAJORITY)
#endif

/* T4: may this board's word count? */
#ifdef NO_T4
#define REMEMBERS(b) true
#else
#define REMEMBERS(b) (!amnesiac[b])
#endif

#if INHAND
/* A pulse with a kernel call under way does nothing else, whatever its sockets hold. */
#define FREE(b) (inHand[b] == OLD)
#else
#define FREE(b) true
#endif

/* Whatever it led or stood for is over. */
inline clearRole(b) {
  role[b] = FOLLOWER;
  votes[b] = 0; claimAge[b] = OLD; newest[b] = 0;
  sinceElected[b] = 0; reported[b] = 0; newLife[b] = 0;
  moving[b] = 0; movingVersion[b] = 0; acks[b] = 0;
#if LEAVES
  sure[b] = false;
#endif
  for (n : 0 .. N - 1) {
    possible[AT(b, n)] = 0;
    heardAge[AT(b, n)] = OLD;
    echoedAge[AT(b, n)] = LAPSED;
    provenAge[AT(b, n)] = PROOF;
  }
}

inline follow(b, t, d) {
  if :: role[b] != FOLLOWER -> clearRole(b) :: else fi;
  term[b] = t;
  boss[b] = d;
  bossAge[b] = STALE;
}
