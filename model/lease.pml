/*
 * The holder's side (L1-L4, M2, M3, M5).
 */

/* An order of the director followed, for this life, not lapsed, not given back before. */
#ifdef NO_M5
#define LAPSED_ORDER(gr) false
#else
#define LAPSED_ORDER(gr) (orderAge[gr] == OLD)
#endif
#ifdef NO_M2
#define GIVEN_BACK(b, gr) false
#else
#define GIVEN_BACK(b, gr) (refused[b] >= gr)
#endif
/* M8: an order that comes after another board's grant waits until that board's own beat says that it let go of it. */
#if HANDS && !defined(NO_M8)
#define LET_GO(gr) (after[gr] == 0 || gone[grantTo[after[gr]]] >= after[gr])
#else
#define LET_GO(gr) true
#endif
#define canTake(b, gr) (ordered[gr] && grantTo[gr] == b && FREE(b) && REMEMBERS(b) && term[b] == TERM_OF_GRANT(gr) && \
  boss[b] == directorOf[TERM_OF_GRANT(gr)] && !LAPSED_ORDER(gr) && !GIVEN_BACK(b, gr) && held[b] < gr && LET_GO(gr))
inline take(b, gr) {
  held[b] = gr;
#ifdef NO_M5
  elementAge[b] = 0;
#else
  elementAge[b] = orderAge[gr];
#endif
  supersededAge[b] = 0;
  onlyExcused(b)
}

/* M3: only what the register of the director followed names. */
#ifdef NO_M3
#define MAY_RENEW(b) true
#else
#define MAY_RENEW(b) (TERM_OF_VERSION(reg[b]) == term[b] && NAMES(reg[b], b, held[b]))
#endif
/* Own send time that was vouched for: a director's own stands on its proof (L2). */
#define OWN_BASE(b) (role[b] == DIRECTOR -> (PROVEN(b) -> PROOF - 1 : OLD) : echoAge[b])
#define canRenew(b) (held[b] != 0 && FREE(b) && REMEMBERS(b) && MAY_RENEW(b) && OWN_BASE(b) < elementAge[b] && ALIVE(b))
#ifdef NO_L3
#define ALIVE(b) true
#else
#define ALIVE(b) STANDING(b)
#endif
#if INHAND
/* The kernel counts from the call and not from when its timeout was computed: that is what a stall in between changes. */
inline renew(b) { inHand[b] = OWN_BASE(b); late[b] = false }
#define canCommit(b) (inHand[b] != OLD)
inline commit(b) {
  if
#ifndef NO_L3
  :: !STANDING(b) -> lose(b)           /* L3: the delete of what ran out fails, and so does the add */
#ifndef NO_L4
  :: STANDING(b) && late[b] -> lose(b) /* L4: it came late, and is taken back at once */
#endif
#endif
  :: else -> elementAge[b] = inHand[b]; onlyExcused(b)
  fi;
  inHand[b] = OLD; late[b] = false
}
#else
inline renew(b) { elementAge[b] = OWN_BASE(b); onlyExcused(b) }
#endif
/*
 * A follower that renews late is one that hears late: it renews as soon as it may. A director's own proof comes without
 * a beat to it, and a pulse that stalls in the kernel call is asked for by INHAND: there it is a step of its own.
 */
inline renewAtOnce(f) {
#if INHAND
  skip
#else
  if :: role[f] != DIRECTOR && canRenew(f) -> renew(f) :: else fi
#endif
}

/* Ends a lease and refuses its grant from now on: that is what a confirmation means (M2). */
inline lose(b) {
  if :: refused[b] < held[b] -> refused[b] = held[b] :: else fi;
  held[b] = 0; elementAge[b] = OLD; supersededAge[b] = 0
}
#define canLose(b) (held[b] != 0 && FREE(b) && (!STANDING(b) || \
  (TERM_OF_VERSION(reg[b]) == term[b] && reg[b] >= grantVersion[held[b]] && !NAMES(reg[b], b, held[b]))))

/* The director asks for it back: what it may hold, and all before it. */
#define canRelease(d, f) (FOLLOWS(f, d) && FREE(f) && possible[AT(d, f)] != 0 && refused[f] < possible[AT(d, f)] && \
  (!NAMES(reg[d], f, possible[AT(d, f)]) || (moving[d] != 0 && grantTo[moving[d]] != f)))
inline release(d, f) {
  g = possible[AT(d, f)];
  if :: held[f] != 0 && held[f] <= g -> lose(f) :: else fi;
  refused[f] = g;
#if HANDS
  if :: gone[f] < g -> gone[f] = g :: else fi
#else
  skip
#endif
}
