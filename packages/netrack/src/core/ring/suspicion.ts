/** Periods for each power of ten of members that one suspicion is given at least (SWIM §4.2, Lifeguard §IV-B). */
const PERIODS = 3;
/** One that nobody confirms is given so many times as much. */
const STRETCH = 6;
/** Groups besides the first that must suspect before the shortest time counts. */
const CONFIRMATIONS = 3;

/**
 * How long a suspicion lasts before it is a verdict, ms: from `STRETCH` times the least, falling with the logarithm of how
 * many groups suspect independently, as in memberlist's suspicion.go. It grows with the logarithm of the members, since
 * the refutation has to travel.
 */
export function suspicionMs(members: number, suspectedBy: number, periodMs: number): number {
  const leastMs = PERIODS * Math.max(1, Math.log10(Math.max(1, members))) * periodMs;
  // Of few members not so many can confirm.
  const wanted = Math.max(0, Math.min(CONFIRMATIONS, members - 2));
  if (wanted === 0) return leastMs;
  const part = Math.log(Math.max(0, suspectedBy - 1) + 1) / Math.log(wanted + 1);
  return Math.max(leastMs, STRETCH * leastMs - part * (STRETCH - 1) * leastMs);
}
