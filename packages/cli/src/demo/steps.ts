import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, FaultOption } from '@softset/lab';
import type { Chassis } from './chassis.js';
import { daemonPrograms } from './places.js';
import { echoProbe, echoStop } from './programs.js';
import type { Acted, Scene, Step } from './step.js';

/** How long the holder's daemons are stopped in `freeze`: several leases. */
const frozenMs = 2_000;
/** Deaths in a row that make psrmd give up are three; what comes after that is for slow machines. */
const killsMax = 8;

async function breakIt(scene: Scene, kind: FaultKind, target: string, option?: FaultOption): Promise<Acted> {
  const { atMs } = await scene.chassis.lab.fault(kind, target, option);
  return { atMs, fault: `${kind} ${target}` };
}

/** All daemons of the holder at once; the instant is that of the first. */
async function killDaemons({ chassis, holder }: Scene, option?: FaultOption): Promise<Acted> {
  const kills = Object.keys(daemonPrograms).map((daemon) => chassis.lab.fault('kill', `${holder}:${daemon}`, option));
  const effects = await Promise.all(kills);
  const atMs = Math.min(...effects.map((effect) => effect.atMs));
  return { atMs, fault: `kill all daemons of ${holder}${option === undefined ? '' : ' for good'}` };
}

/**
 * A director that the pool can hold: where the control node directs, its netrackd is restarted, and the votes go to
 * another. Then the service is moved to the director's board.
 */
async function holderDirects(chassis: Chassis): Promise<string | undefined> {
  for (let tries = 0; tries < 5 && !chassis.director()?.startsWith('cpu-'); tries++) {
    const director = chassis.director();
    if (director !== undefined) await chassis.lab.fault('kill', `${director}:netrackd`);
    await sleep(500);
    const why = await chassis.waitWell(10_000);
    if (why !== undefined) return why;
  }
  const director = chassis.director();
  if (director === undefined || !director.startsWith('cpu-'))
    return `${director ?? 'nobody'} directs, and not a board of the pool`;
  if (chassis.holder() === director) return undefined;
  const refused = await chassis.move(director);
  if (refused !== undefined) return refused;
  return chassis.waitWell(10_000, () =>
    chassis.holder() === director ? undefined : `media is not on ${director} yet`,
  );
}

/** A holder that another board directs: what is shown is that a board's own daemons may come and go. */
async function holderFollows(chassis: Chassis): Promise<string | undefined> {
  if (chassis.director() !== chassis.holder()) return undefined;
  const other = chassis.holder() === 'cpu-1' ? 'cpu-2' : 'cpu-1';
  const refused = await chassis.move(other);
  if (refused !== undefined) return refused;
  return chassis.waitWell(10_000, () => (chassis.holder() === other ? undefined : `media is not on ${other} yet`));
}

/** Kills the program as often as psrmd restarts it, until psrmd gives up and the standby answers. */
async function exhaust(scene: Scene): Promise<Acted> {
  const { chassis, holder, standby } = scene;
  for (let kills = 1; ; kills++) {
    const acted = await breakIt(scene, 'program-kill', `${holder}:echo`);
    const fault = `kill echo on ${holder}, ${kills} times`;
    for (;;) {
      const { boards } = await chassis.prober.replies(acted.atMs);
      if ((boards[standby] ?? 0) > 0 || kills === killsMax) return { atMs: acted.atMs, fault };
      // It answers again: this death was not the last.
      if ((boards[holder] ?? 0) > 20) break;
      if (Number(process.hrtime.bigint()) / 1e6 - acted.atMs > 5_000) return { atMs: acted.atMs, fault };
      await sleep(5);
    }
  }
}

const detectionMs = ({ timing }: Chassis): number => timing.intervalMs * 3.8;
const leaseMs = ({ timing }: Chassis): number => timing.leaseMs + 100;
const short = (): number => 600;
const long = ({ timing }: Chassis): number => timing.leaseMs * 3 + 750;

/** The thirteen steps: faults of (002 Fig. 8 and 12), of programs (002 Fig. 9), and of SOFTSET itself. */
export const steps: readonly Step[] = [
  {
    id: 'network-down',
    moves: false,
    budgetMs: () => 10,
    watchMs: short,
    act: (scene) => breakIt(scene, 'switch-down', 'A'),
  },
  {
    id: 'network-mute',
    moves: false,
    budgetMs: ({ timing }) => timing.intervalMs * 4,
    watchMs: short,
    act: (scene) => breakIt(scene, 'switch-mute', 'A'),
  },
  {
    id: 'link-down',
    moves: false,
    budgetMs: () => 10,
    watchMs: short,
    act: (s) => breakIt(s, 'link-down', `${s.holder}:A`),
  },
  {
    id: 'crash',
    moves: true,
    budgetMs: detectionMs,
    watchMs: short,
    act: (scene) => breakIt(scene, 'crash', scene.holder),
  },
  {
    id: 'return',
    moves: false,
    budgetMs: () => 10,
    watchMs: long,
    arrange: async (chassis) => {
      const crashed = (await chassis.lab.status()).boards.some((board) => board.pid === null);
      const holder = chassis.holder();
      if (crashed || holder === undefined) return undefined;
      await chassis.lab.fault('crash', holder);
      const other = ['cpu-1', 'cpu-2'].find((board) => board !== holder) ?? '';
      const answered = await chassis.prober.answered(chassis.prober.mark(), 5_000, other);
      return answered ? undefined : `${other} did not take over`;
    },
    act: async ({ chassis, standby }) => {
      const { atMs } = await chassis.lab.heal('crash', standby);
      return { atMs, fault: `${standby} boots again` };
    },
    verify: ({ chassis, holder }) =>
      chassis.holder() === holder ? undefined : `media moved back to ${chassis.holder()}`,
  },
  {
    id: 'crash-director',
    moves: true,
    budgetMs: ({ timing }) => timing.intervalMs * 5,
    watchMs: short,
    arrange: holderDirects,
    act: async (scene) => ({
      ...(await breakIt(scene, 'crash', scene.holder)),
      fault: `crash ${scene.holder}, the director`,
    }),
  },
  {
    id: 'program-restart',
    moves: false,
    budgetMs: ({ programStartMs }) => 15 + programStartMs,
    watchMs: short,
    act: (scene) => breakIt(scene, 'program-kill', `${scene.holder}:echo`),
  },
  {
    id: 'program-move',
    moves: true,
    budgetMs: () => 15,
    watchMs: short,
    act: exhaust,
    mend: async ({ chassis, holder }) => {
      await chassis.witnesses.get(holder)?.psrm.call('start', { program: 'echo' });
    },
  },
  {
    id: 'program-hang',
    moves: false,
    budgetMs: ({ programStartMs }) =>
      echoProbe.intervalMs * echoProbe.fall + echoProbe.timeoutMs + echoStop.timeoutMs + 15 + programStartMs,
    watchMs: () => 1_500,
    act: (scene) => breakIt(scene, 'program-hang', `${scene.holder}:echo`),
  },
  {
    id: 'daemons-restart',
    moves: false,
    budgetMs: () => 10,
    watchMs: long,
    arrange: holderFollows,
    act: (scene) => killDaemons(scene),
  },
  {
    id: 'daemons-lost',
    moves: true,
    budgetMs: leaseMs,
    watchMs: long,
    act: (scene) => killDaemons(scene, '--for-good'),
  },
  {
    id: 'freeze',
    moves: true,
    budgetMs: leaseMs,
    watchMs: long,
    act: async (scene) => {
      const acted = await breakIt(scene, 'freeze', scene.holder);
      const thawed = sleep(frozenMs).then(() => scene.chassis.lab.heal('freeze', scene.holder));
      return {
        ...acted,
        fault: `freeze ${scene.holder} for ${frozenMs / 1000} s`,
        done: thawed.then(() => sleep(500)),
      };
    },
    verify: ({ chassis, holder, standby }) =>
      chassis.holder() === standby ? undefined : `${chassis.holder() ?? 'nobody'} holds media after ${holder} thawed`,
  },
  {
    id: 'planned',
    moves: true,
    budgetMs: () => 5,
    watchMs: short,
    act: async ({ chassis, standby }) => {
      // A director that steps down at that very moment refuses; an operator would ask its successor.
      for (let asked = 1; ; asked++) {
        const atMs = chassis.prober.mark();
        const refused = await chassis.move(standby);
        if (refused === undefined) return { atMs, fault: `softset service move media ${standby}` };
        if (asked === 3) return { atMs, fault: `softset service move media ${standby} (refused: ${refused})` };
        await chassis.waitWell(5_000);
        if (chassis.holder() === standby) return { atMs, fault: `softset service move media ${standby}` };
      }
    },
  },
];
