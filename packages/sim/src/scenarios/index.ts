import { drain } from './drain-before-judging.js';
import { INTERRUPTIONS } from './interruptions.js';
import { l1 } from './l1-echoed-send-time.js';
import { l2 } from './l2-proof-by-send-time.js';
import { l3 } from './l3-renewal-never-revives.js';
import { overlapping } from './l5-overlapping-majorities.js';
import { l5 } from './l5-wait-for-the-lease.js';
import { m2 } from './m2-confirmed-for-good.js';
import { m3 } from './m3-abandoned-not-echoed.js';
import { m5 } from './m5-orders-lapse.js';
import { m8 } from './m8-from-hand-to-hand.js';
import { r3 } from './r3-every-board-may-hold.js';
import type { Scenario } from './scenario.js';
import { STORIES } from './stories/index.js';
import { forcedAgainstTheLiving, r4 } from './stories/membership.js';
import { t4 } from './t4-amnesiac-abstains.js';
import { t5 } from './t5-no-second-vote.js';
import { t5b } from './t5-rebooted-director.js';

/** One for each rule that has a counterexample without it. */
export const RULE_SCENARIOS: readonly Scenario[] = [
  t4,
  t5,
  t5b,
  r3,
  l1,
  l2,
  l3,
  l5,
  overlapping,
  m2,
  m3,
  m5,
  m8,
  r4,
  drain,
];

/** Every story that the simulator can tell. */
export const SCENARIOS: readonly Scenario[] = [...RULE_SCENARIOS, ...STORIES];

/** The first story with these words in its name. */
export function scenarioNamed(words: string): Scenario | undefined {
  const all = [...SCENARIOS, forcedAgainstTheLiving, ...INTERRUPTIONS];
  return words === '' ? undefined : all.find(({ name }) => name.includes(words));
}
