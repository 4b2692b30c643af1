/*
 * Terms, register and lease, as spin checks them. One process takes every step, so what a step reads and writes is one
 * moment; which step comes next is spin's choice, and so are loss, delay and stalls.
 */
#include "bounds.pml"
#include "state.pml"
#include "check.pml"
#include "lease.pml"
#include "moves.pml"
#include "register.pml"
#include "beats.pml"
#include "terms.pml"
#include "members.pml"
#include "faults.pml"
#include "time.pml"
#include "start.pml"
#include "each.pml"

/* A counterexample tells its steps by their own text; spin prints nothing while it searches. */
#define SAY(...) #__VA_ARGS__
#define STEP(when, what) :: d_step { when -> printf(SAY(> what\n)); what; skip }

#if INHAND
#define IN_HAND(b) STEP(canCommit(b), commit(b))
#else
#define IN_HAND(b)
#endif
#if BUFFERED
#define SOCKET(d, f) STEP(canPost(d, f), post(d, f)) STEP(canRead(d, f), read(d, f))
#else
#define SOCKET(d, f)
#endif

#define PAIR(d, f) \
  STEP(canHearDirector(d, f), hearDirector(d, f, false)) \
  STEP(canHearDirector(d, f) && MAY_ECHO(d, f), hearDirector(d, f, true)) \
  STEP(canBeat(d, f), beat(d, f)) \
  SOCKET(d, f) \
  STEP(canVote(f, d), vote(f, d))

#define REACH(d, f) \
  STEP(canReport(d, f), report(d, f)) \
  STEP(canRelease(d, f), release(d, f)) \
  STEP(canServe(d, f), serve(d, f)) \
  LEAVING(d, f)

#if LEAVES
#define LEAVING(d, f) STEP(canLeave(d, f), leave(d, f))
#define BEING_SURE(d) STEP(canBeSure(d), beSure(d))
#else
#define LEAVING(d, f)
#define BEING_SURE(d)
#endif

#if HANDS
#define HANDING(d) STEP(canHand(d), hand(d))
#else
#define HANDING(d)
#endif

#define LEAD(d) \
  BEING_SURE(d) \
  HANDING(d) \
  STEP(canLead(d), lead(d)) \
  STEP(canOrder(d), order(d)) \
  STEP(canFail(d), fail(d)) \
  STEP(canFinish(d), finish(d))

#define HOLD(b) \
  STEP((INHAND || role[b] == DIRECTOR) && canRenew(b), renew(b)) \
  IN_HAND(b) \
  STEP(canLose(b), lose(b))

#define LIVE(b) \
  STEP(canRegain(b), regain(b)) \
  STEP(reboots > 0, reboot(b, false)) \
  STEP(reboots > 0 && reg[b] != 0, reboot(b, true)) \
  STEP(losses > 0, loseDisk(b)) \
  STEP(restarts > 0, restartNetrackd(b, false)) \
  STEP(restarts > 0 && reg[b] != 0, restartNetrackd(b, true)) \
  STEP(restarts > 0, restartPulse(b))

#define ASK(b, f) STEP(canAsk(b, f), ask(b, f))
#define STAND(b, t) STEP(canStand(b, t), stand(b, t))
#define TAKE(b, gr) STEP(canTake(b, gr), take(b, gr))
#define WRITE(b, nr) STEP(canTakeWrite(b, nr), takeWrite(b, nr))

#define STANDING_FOR(b) TERMS_OF(STAND, b)
#define TAKING(b) GRANTS_OF(TAKE, b)
#define WRITING(b) VERSIONS_OF(WRITE, b)

init {
  d_step { start(); skip }
  do
  EACH_PAIR(PAIR)
  EACH_REACH(REACH)
  EACH_LEADER(LEAD)
  EACH_HOLDER(HOLD)
  EACH_FAILING(LIVE)
  EACH_ASK(ASK)
  EACH_LEADER(STANDING_FOR)
  EACH_HOLDER(TAKING)
  BOARDS(WRITING)
  STEP(true, tick())
  od
}
