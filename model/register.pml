/*
 * The register (R1-R3). A version is written once, by the one director of its term, so boards keep its number and the
 * text stands beside them. Writes may come late, doubled, out of order or never: a follower may take any version of the
 * director that it follows that is newer than its own.
 */

/* Begins a version with the text of another one; what changes is set by the caller. */
inline write(d, from) {
  v = (lastVersion[term[d]] == 0 -> (term[d] - 1) * VERSIONS + 1 : lastVersion[term[d]] + 1);
  lastVersion[term[d]] = v;
  holderOf[v] = holderOf[from]; holderGrant[v] = holderGrant[from];
  nextOf[v] = nextOf[from]; nextGrant[v] = nextGrant[from];
  abandonedIn[v] = abandonedIn[from];
#if LEAVES
  votersOf[v] = votersOf[from];
  sure[d] = false;
#endif
  reg[d] = v
}

#define VERSION(f, nr) ((term[f] - 1) * VERSIONS + (nr))
#define canTakeWrite(f, nr) (role[f] == FOLLOWER && REMEMBERS(f) && FREE(f) && term[f] != 0 && VERSION(f, nr) > reg[f] && \
  VERSION(f, nr) <= lastVersion[term[f]] && boss[f] == directorOf[term[f]])
inline takeWrite(f, nr) {
  reg[f] = VERSION(f, nr);
  acknowledge(boss[f], f);
  if :: canLose(f) -> lose(f) :: else fi;
  renewAtOnce(f)
}

/* An acknowledgement that is late is one that the director takes in at once and acts on late. */
inline acknowledge(d, f) {
  if
  :: FOLLOWS(f, d) && moving[d] != 0 && reg[f] >= movingVersion[d] -> acks[d] = acks[d] | BIT(f)
  :: else
  fi
}

/* R3: it writes what it found. Who is known to hold nothing is named no more; */
#define canErase(d, f) (HAS(reported[d], f) && possible[AT(d, f)] == 0 && \
  (HAS(abandonedIn[reg[d]], f) || (NAMED_IN(reg[d], f) && !(moving[d] != 0 && nextOf[reg[d]] == f))))
/* a holder that the register does not know is named; */
#define canFind(d, f) (HAS(reported[d], f) && !HAS(abandonedIn[reg[d]], f) && \
  possible[AT(d, f)] > holderGrant[reg[d]] && !(moving[d] != 0 && nextOf[reg[d]] == f))
/* and the holder of an earlier grant than that comes from another director's (M1 c): it owes a confirmation to this one. */
#ifdef CODE_M3
#define canDisplace(d, f) false
#else
#define canDisplace(d, f) (HAS(reported[d], f) && possible[AT(d, f)] != 0 && possible[AT(d, f)] < holderGrant[reg[d]] && \
  !HAS(abandonedIn[reg[d]], f) && !(moving[d] != 0 && nextOf[reg[d]] == f))
#endif
#define canMend(d, f) (canErase(d, f) || canFind(d, f) || canDisplace(d, f))

/* In the version that is being written. */
inline mend(d, f) {
  v = reg[d];
  if
  :: canErase(d, f) ->
    if :: holderOf[v] == f -> holderOf[v] = 0; holderGrant[v] = 0 :: else fi;
    if :: nextOf[v] == f && moving[d] == 0 -> nextOf[v] = 0; nextGrant[v] = 0 :: else fi;
    abandonedIn[v] = abandonedIn[v] & ~BIT(f)
  :: canFind(d, f) ->
#ifndef CODE_M3
    if :: holderGrant[v] != 0 && holderOf[v] != f -> abandonedIn[v] = abandonedIn[v] | BIT(holderOf[v]) :: else fi;
#endif
    holderOf[v] = f; holderGrant[v] = possible[AT(d, f)];
    if :: nextOf[v] == f && nextGrant[v] <= holderGrant[v] -> nextOf[v] = 0; nextGrant[v] = 0 :: else fi
  :: canDisplace(d, f) -> abandonedIn[v] = abandonedIn[v] | BIT(f)
  :: else
  fi
}

/* A board says under this term what it holds. An order may be under way to it: only M2's word takes it off. */
#ifdef NO_M2
#define KEPT(d, f) false
#elif defined(CODE_M2)
#define KEPT(d, f) (!HAS(newLife[d], f) && held[f] == 0 && refused[f] < possible[AT(d, f)])
#else
#define KEPT(d, f) (!HAS(newLife[d], f) && held[f] < possible[AT(d, f)] && refused[f] < possible[AT(d, f)])
#endif
#define canReport(d, f) (FOLLOWS(f, d) && REMEMBERS(f) && FREE(f))
inline report(d, f) {
  g = held[f];
  if :: KEPT(d, f) -> g = possible[AT(d, f)] :: else fi;
  possible[AT(d, f)] = g;
  reported[d] = reported[d] | BIT(f);
  newLife[d] = newLife[d] & ~BIT(f);
  if :: canMend(d, f) && ROOM(d) -> write(d, reg[d]); mend(d, f) :: else fi
}
