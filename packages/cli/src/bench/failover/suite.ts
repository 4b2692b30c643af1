import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Lab, LabError } from '@softset/lab';
import { claim, makeRoom } from '../../demo/owner.js';
import type { Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { cases } from './cases.js';
import { keepalivedVariants } from './keepalived.js';
import { Ours } from './ours.js';
import { PeerLab } from './peer-lab.js';
import { Rounds } from './rounds.js';

/** Runs where nobody says how many; fewer where they would take longer than `quotaMs`. */
const usualRuns = 4;
const quotaMs = 300_000;
const names = { ours: 'bench-ours', peers: 'bench-peers' } as const;

function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

async function makeRooms(): Promise<void> {
  for (const name of Object.values(names)) {
    const room = await makeRoom(name);
    if (!room.ok) throw new LabError(room);
  }
}

/** Ctrl-C and its like: both labs go, whatever of them stands. */
function onInterrupt(down: () => Promise<unknown>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (): void => void down().finally(() => process.exit(1));
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const { say } = options;
  const wanted = cases.filter((id) => options.cases?.includes(id) ?? true);
  await makeRooms();
  const standing: { stop(): Promise<unknown> }[] = [];
  // By name in the end: one that is only half up when a signal comes has nobody yet who could stop it.
  const down = async (): Promise<void> => {
    await Promise.allSettled(standing.splice(0).map((lab) => lab.stop()));
    await Promise.allSettled(Object.values(names).map((name) => Lab.down(name)));
  };
  const forget = onInterrupt(down);
  try {
    say('bringing up the chassis of the peers');
    const peers = await PeerLab.start(names.peers);
    standing.push(peers);
    claim(peers.lab);
    say('bringing up our chassis: seven boards, all daemons');
    const ours = await Ours.start(names.ours);
    standing.push(ours);
    claim(ours.chassis.lab);
    const variants = keepalivedVariants.filter((name) => options.peers?.includes(name) ?? true);
    const rounds = new Rounds(ours, peers, installed('keepalived') ? variants : [], wanted);
    const endMs = options.runs === undefined ? performance.now() + quotaMs : Number.POSITIVE_INFINITY;
    const runs = options.runs ?? usualRuns;
    let roundMs = 0;
    for (let round = 1; round <= runs && performance.now() + roundMs < endMs; round++) {
      const beganMs = performance.now();
      await rounds.play((doing) => say(`run ${round} of ${runs}: ${doing}`));
      roundMs = performance.now() - beganMs;
    }
    return rounds.rows(installed('keepalived') ? [] : variants);
  } finally {
    say('taking the labs down');
    forget();
    await down();
  }
}

export const failover: Suite = {
  name: 'failover',
  summary: 'outages that an outside client sees, beside keepalived and the bare move',
  cases,
  peers: keepalivedVariants,
  run,
};
