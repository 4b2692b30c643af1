import type { Scenario } from '../scenario.js';
import { DIRECTOR } from './director.js';
import { FENCING } from './fencing.js';
import { LINKS } from './links.js';
import { LIVES } from './lives.js';
import { MEMBERSHIP } from './membership.js';
import { OPERATING } from './operating.js';
import { PARTITIONS } from './partitions.js';

/** Stories of no rule in particular: each must be clean. */
export const STORIES: readonly Scenario[] = [
  ...PARTITIONS,
  ...LINKS,
  ...LIVES,
  ...DIRECTOR,
  ...OPERATING,
  ...FENCING,
  ...MEMBERSHIP,
];
