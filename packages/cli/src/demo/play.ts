import { LabError } from '@softset/lab';
import type { Chassis } from './chassis.js';
import { diagnosisFrom } from './diagnosis.js';
import type { Scene, Step, StepReport } from './step.js';

/** Deadlines are for a machine that has time; on a crowded one they may be multiplied: SOFTSET_PATIENCE=3. */
const patience = Math.max(1, Number(process.env.SOFTSET_PATIENCE ?? 1) || 1);
/** Between steps everything must be well again within this, ms. */
const wellMs = 10_000 * patience;
/** A service that is away for longer has not recovered, whatever comes later. */
const recoveryMs = 5_000 * patience;

/** Tells a person what is going on at this moment. */
export type Say = (doing: string) => void;

function failed(step: Step, holder: string, message: string): StepReport {
  const holders = { holderBefore: holder, holderAfter: holder };
  const nothing = { fault: 'none', diagnosis: 'the step could not begin' };
  return { step: step.id, ...nothing, ...holders, outageMs: 0, budgetMs: 0, holdersMax: 0, ok: false, message };
}

/** Plays one step, from everything well to the service answering where it should, and judges it. */
export async function play(step: Step, chassis: Chassis, say: Say): Promise<StepReport> {
  const { lab, prober, observer } = chassis;
  const beganMs = observer.mark();
  if (step.id !== 'return') {
    say('waiting until all is well');
    await lab.heal();
    const why = await chassis.waitWell(wellMs);
    if (why !== undefined)
      return failed(step, chassis.holder() ?? 'nobody', `was not well after ${wellMs / 1000} s: ${why}`);
  }
  say('arranging');
  const unready = await step.arrange?.(chassis);
  const holder = chassis.holder();
  if (unready !== undefined || holder === undefined)
    return failed(step, holder ?? 'nobody', unready ?? 'nobody holds media');
  const standby = holder === 'cpu-1' ? 'cpu-2' : 'cpu-1';
  const scene: Scene = { chassis, holder, standby };
  say('acting');
  let acted: Awaited<ReturnType<Step['act']>>;
  try {
    acted = await step.act(scene);
  } catch (error) {
    if (error instanceof LabError) return failed(step, holder, error.message);
    throw error;
  }
  say(acted.fault);
  const expected = step.moves ? standby : holder;
  const settledMs = acted.atMs + step.watchMs(chassis);
  const recovered = await prober.answered(acted.atMs, recoveryMs, expected);
  await acted.done;
  const { outageMs } = await prober.outage(acted.atMs, settledMs - acted.atMs);
  const still = recovered && (await prober.answered(prober.mark(), 1_000, expected));
  const last = step.id === 'return' || step.verify !== undefined ? await chassis.waitWell(wellMs) : undefined;
  const wrong = still ? (last ?? step.verify?.(scene)) : `${expected} did not answer within ${recoveryMs / 1000} s`;
  const { holdersMax } = await observer.read(beganMs);
  const { boards } = await prober.replies(prober.mark() - 100);
  const holderAfter = Object.entries(boards).sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'nobody';
  const heard = [...chassis.witnesses.values()].flatMap((witness) => witness.heardSince(acted.atMs));
  const report: StepReport = {
    step: step.id,
    fault: acted.fault,
    diagnosis: diagnosisFrom(heard, acted.atMs, settledMs),
    holderBefore: holder,
    holderAfter,
    outageMs: Math.round(outageMs * 10) / 10,
    budgetMs: Math.round(step.budgetMs(chassis)),
    holdersMax,
    ok: wrong === undefined && holdersMax <= 1 && holderAfter === expected,
    ...(wrong === undefined ? {} : { message: wrong }),
  };
  await step.mend?.(scene);
  return report;
}
