/*
 * What must never be. Looked at whenever an element comes to stand.
 */

/* Two elements: only where the later grant's director called the earlier one's holder unreachable, and only under fast. */
inline onlyExcused(b) {
  for (n : 0 .. N - 1) {
    if
    :: n != b && STANDING(n) && held[n] < held[b] -> assert(FAST && HAS(excused[held[b]], n))
    :: n != b && STANDING(n) && held[n] > held[b] -> assert(FAST && HAS(excused[held[n]], b))
    :: n != b && STANDING(n) && held[n] == held[b] -> assert(false)
    :: else
    fi
  }
}

/* Under fast, how long a board answers beside the holder of a later grant. */
#if FAST
inline ageOverlaps() {
  for (n : 0 .. N - 1) {
    set = 0;
    for (v : 0 .. N - 1) {
      if :: v != n && STANDING(n) && STANDING(v) && held[v] > held[n] -> set = 1 :: else fi
    }
    if
    :: set -> supersededAge[n]++; assert(supersededAge[n] < OVERLAP)
    :: else -> supersededAge[n] = 0
    fi
  }
}
#endif
