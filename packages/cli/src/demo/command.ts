import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { paintFor } from '../colour.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { type Chassis, startChassis } from './chassis.js';
import { calmTiming, quickTiming } from './cluster-file.js';
import { claim, makeRoom } from './owner.js';
import { paceFor } from './pace.js';
import { findNginx } from './places.js';
import { play } from './play.js';
import { publicAddress } from './programs.js';
import { header, LiveLine, rows } from './show.js';
import { whyUnsteady } from './steady.js';
import { type Step, type StepReport, stepIds } from './step.js';
import { steps } from './steps.js';

export interface DemoOptions {
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly steps?: string;
  readonly repeat: string;
  readonly name: string;
  readonly calm?: boolean;
  readonly quick?: boolean;
}

/** Starting seven boards with all their daemons and programs, on a machine that does other things as well. */
const calmFirstWellMs = 60_000;
/** What is not up by then at the quick timing is not going to be steady. */
const quickFirstWellMs = 45_000;
/** Before the first step all must have been well for so long, and no board late by its own word. */
const steadyMs = 4_000;

/** Real-time scheduling is for root of the machine; root of a user namespace has the name alone (user_namespaces(7)). */
export function mayRunRealTime(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    return readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).join(' ') === '0 0 4294967295';
  } catch {
    return true;
  }
}

/** The steps to play, in their order. Undefined: the name of one that does not exist was found, and said. */
function chosenSteps(wanted: string | undefined): readonly Step[] | undefined {
  if (wanted === undefined) return steps;
  const ids = wanted.split(',').map((id) => id.trim());
  const stray = ids.find((id) => !stepIds.some((known) => known === id));
  if (stray === undefined) return steps.filter((step) => ids.includes(step.id));
  refuse({ code: 'USAGE', message: `there is no step "${stray}"; there are ${stepIds.join(', ')}` });
  return undefined;
}

/** `softset demo`: exit 0 only if every step recovered and no two boards ever answered for the address. */
export async function demoCommand(options: DemoOptions): Promise<number> {
  const chosen = chosenSteps(options.steps);
  const repeat = Number(options.repeat);
  if (chosen === undefined) return exitCodes.usage;
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 1000) {
    return refuse({ code: 'USAGE', message: `--repeat ${options.repeat}: a whole number from 1 to 1000 is needed` });
  }
  const room = await makeRoom(options.name);
  if (!room.ok) return refuse(room);
  if (options.calm && options.quick) return refuse({ code: 'USAGE', message: '--calm and --quick: one of them' });
  const pace = paceFor({ realTime: mayRunRealTime(), processors: availableParallelism() }, options);
  const calm = pace.timing === calmTiming;
  // Talk goes to standard error where standard output is for programs.
  const tell = (text: string): void => (options.json ? void process.stderr.write(`${text}\n`) : print(text));
  if (room.value) tell(`the chassis of an earlier demonstration (lab "${options.name}") was taken down`);
  if (pace.why !== undefined) tell(pace.why);
  if (calm) {
    const { intervalMs, leaseMs } = calmTiming;
    tell(
      `beats every ${intervalMs} ms, not ${quickTiming.intervalMs}; lease ${leaseMs} ms, not ${quickTiming.leaseMs}; budgets scaled alike`,
    );
  }
  if (findNginx() === undefined || process.getuid?.() !== 0)
    tell('nginx is not installed, or not run as root: the web server is left out, the UDP echo is the service');
  const live = new LiveLine(options.json ? process.stderr : process.stdout);
  live.set('bringing up the chassis: seven boards, two networks');
  let starting = startChassis({ name: options.name, timing: pace.timing });
  const interrupted = onInterrupt(() => starting, live);
  try {
    // There is no slower pace than the calm one: what is wrong with it by then is said, and borne.
    const bear = (why: string): void => {
      live.clear();
      tell(`not steady (${why}): outages will be longer than they need be`);
    };
    let chassis = calm
      ? await settled(await starting, live, calmFirstWellMs, bear)
      : await settled(await starting, live, quickFirstWellMs);
    if ('why' in chassis && !calm) {
      live.clear();
      const { intervalMs, leaseMs } = calmTiming;
      tell(`this machine does not bear beats of ${quickTiming.intervalMs} ms on seven boards (${chassis.why}):`);
      tell(`beats every ${intervalMs} ms instead, lease ${leaseMs} ms; budgets scaled alike`);
      live.set('bringing up the chassis again');
      starting = startChassis({ name: options.name, timing: calmTiming });
      chassis = await settled(await starting, live, calmFirstWellMs, bear);
    }
    if ('why' in chassis) {
      live.clear();
      return refuse({
        code: 'TIMEOUT',
        message: `the chassis did not come up in ${calmFirstWellMs / 1000} s: ${chassis.why}`,
      });
    }
    claim(chassis.lab);
    try {
      return await perform(chassis, chosen, repeat, options, live, tell);
    } catch (error) {
      // Its judges would keep this process, and the lab its name.
      if (!interrupted()) await chassis.stop();
      throw error;
    }
  } catch (error) {
    if (interrupted()) return await new Promise<never>(() => {});
    throw error;
  }
}

/**
 * The chassis once all is well and stays so; taken down, with the reason, where that does not come. With `bear` it need not
 * stay so: `bear` is told why.
 */
async function settled(
  chassis: Chassis,
  live: LiveLine,
  deadlineMs: number,
  bear?: (why: string) => void,
): Promise<Chassis | { why: string }> {
  live.set('waiting for a director, and for the service to be held');
  let why = await chassis.waitWell(deadlineMs);
  if (why === undefined) {
    const unsteady = await whyUnsteady(chassis, steadyMs);
    if (unsteady !== undefined) bear?.(unsteady);
    why = (bear ? undefined : unsteady) ?? (await chassis.waitWell(deadlineMs));
  }
  if (why === undefined) return chassis;
  live.set('taking the chassis down');
  await chassis.stop();
  return { why };
}

/** Ctrl-C takes the chassis down at any time. Says whether it came: whatever fails from then on is its doing. */
function onInterrupt(starting: () => Promise<Chassis>, live: LiveLine): () => boolean {
  let came = false;
  const end = (): void => {
    if (came) return;
    came = true;
    live.set('taking the chassis down');
    const down = starting()
      .then((chassis) => chassis.stop())
      .catch(() => undefined);
    void down.finally(() => {
      live.clear();
      process.exit(exitCodes.refused);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  return () => came;
}

async function perform(
  chassis: Chassis,
  chosen: readonly Step[],
  repeat: number,
  options: DemoOptions,
  live: LiveLine,
  tell: (text: string) => void,
): Promise<number> {
  const paint = paintFor(options.json ? process.stderr : process.stdout);
  live.clear();
  tell(`${chassis.programs.join(' and ')} behind ${publicAddress}, probed from outside every millisecond;`);
  tell(`${chassis.director()} directs, ${chassis.holder()} holds the address`);
  if (!options.json) print(`\n${paint(header(), 'dim')}`);
  const reports: StepReport[] = [];
  for (let round = 0; round < repeat; round++) {
    for (const step of chosen) {
      const report = await play(step, chassis, (doing) => live.set(`${step.id}: ${doing}`));
      reports.push(report);
      live.clear();
      print(options.json ? JSON.stringify(report) : rows(report, paint).join('\n'));
    }
  }
  const good = reports.filter((report) => report.ok).length;
  const holdersMax = Math.max(...reports.map((report) => report.holdersMax));
  const over = reports.filter((report) => report.outageMs > report.budgetMs).length;
  const ok = good === reports.length && holdersMax <= 1;
  if (options.json) {
    print(
      JSON.stringify({ step: 'summary', ok, steps: reports.length, recovered: good, overBudget: over, holdersMax }),
    );
  } else {
    print('');
    print(
      `${good} of ${reports.length} steps recovered; at most ${holdersMax} ${holdersMax === 1 ? 'board' : 'boards'} answered for the address at any time`,
    );
    if (over > 0)
      print(`* ${over} over budget: budgets are medians on an idle machine, and one run on a busy one says little`);
  }
  if (options.keep) {
    await chassis.lab.heal();
    tell(tryNext(options.name));
    await chassis.leave();
  } else {
    live.set('taking the chassis down');
    await chassis.stop();
    live.clear();
  }
  return ok ? exitCodes.done : exitCodes.refused;
}

function tryNext(name: string): string {
  const on = `--name ${name}`;
  return [
    '',
    'The chassis stays up. Try:',
    `  npx softset status --lab ${name}`,
    `  npx softset watch --lab ${name}`,
    `  npx softset lab fault crash cpu-1 ${on}      (and: lab heal ${on})`,
    `  npx softset lab fault switch-mute A ${on}`,
    `  npx softset service move media cpu-2 --lab ${name}`,
    `  npx softset lab exec outside ${on} -- ping -c 3 ${publicAddress}`,
    `  npx softset lab down ${on}`,
  ].join('\n');
}
