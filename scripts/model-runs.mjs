/*
 * What `npm run model` runs. Every run is the same model (model/lease-model.pml) with other bounds; bounds.pml says what
 * each means and what it is where it is not given. `search`: 'all' stores every state, and says so when it has seen them
 * all; 'bits' (bitstate hashing) sees what it can in `minutes`, and never says that it saw all.
 */

const STRICT = 'one director a term, never two elements';
const FAST = 'one director a term, overlap bounded';

/** Bounds of each rule's story. With all rules they hold, which is a run of its own. */
const STORIES = {
  T4: { shows: STRICT, bounds: { HOLDER: 0, STANDS: 4, POOL: 4, FAILING: 2, LOSSES: 1, REGAIN: 0, VERSIONS: 2 } },
  T5: { shows: STRICT, bounds: { COLD: 1, TERMS: 1, LOSSES: 1, VERSIONS: 2 } },
  R3: { shows: STRICT, bounds: { STANDS: 4, POOL: 4, FAILING: 5, REBOOTS: 2, VERSIONS: 2 } },
  L1: { shows: STRICT, bounds: {} },
  L2: { shows: STRICT, bounds: { HOLDER: 0, STANDS: 2, POOL: 2, BUFFERED: 1, VERSIONS: 2 } },
  L3: { shows: STRICT, bounds: { INHAND: 1 } },
  L5: { shows: STRICT, bounds: {} },
  M2: { shows: STRICT, bounds: { TERMS: 1, GRANTS: 3 } },
  M3: { shows: FAST, bounds: { FAST: 1 } },
  M8: { shows: STRICT, bounds: { HANDS: 1, TERMS: 1, GRANTS: 3 } },
  R4: { shows: STRICT, bounds: { HOLDER: 0, STANDS: 4, POOL: 4, LEAVES: 2 } },
  M5: { shows: STRICT, bounds: { HOLDER: 0, STANDS: 4, GRANTS: 2, VERSIONS: 2 } },
};

/** The runs of the stories whose bounds differ, with all rules; and more than any story needs. */
export const RUNS = [
  { name: 'smallest', shows: STRICT, bounds: { STANDS: 4, POOL: 4 } },
  { name: 'strict', shows: STRICT, bounds: {} },
  { name: 'fast', shows: FAST, bounds: { FAST: 1 } },
  { name: 'moves', ...STORIES.M2 },
  { name: 'hands', ...STORIES.M8 },
  { name: 'in-hand', ...STORIES.L3 },
  { name: 'socket', ...STORIES.L2 },
  { name: 'orders', ...STORIES.M5 },
  { name: 'amnesia', ...STORIES.T5 },
  { name: 'reboots', ...STORIES.R3 },
  { name: 'forgetful', ...STORIES.T4 },
  { name: 'restarts', shows: STRICT, bounds: { STANDS: 4, POOL: 4, RESTARTS: 1 } },
  { name: 'members', ...STORIES.R4 },
  { name: 'five', shows: STRICT, bounds: { N: 5, STANDS: 4, POOL: 4 }, search: 'bits', minutes: 1 },
].map(complete);

/** Each rule's story, for taking the rule out. */
export const RULES = Object.fromEntries(
  Object.entries(STORIES).map(([rule, story]) => [rule, complete({ name: rule, ...story })]),
);

/** Where the code differs from the rules: switches that make the model do as the code does. */
export const DEVIATIONS = {
  CODE_M2: { shows: STRICT, bounds: { N: 3, TERMS: 1, GRANTS: 3, VERSIONS: 6, STANDS: 0 } },
};

function complete({ bounds, ...run }) {
  return { search: 'all', ...run, bounds: { N: 3, ...bounds } };
}
