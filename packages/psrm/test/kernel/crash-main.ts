import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Supervisor } from '@softset/psrm/supervisor.js';
import { EventRing } from '@softset/runtime/event-ring.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { createLogger } from '@softset/runtime/log.js';

/*
 * psrmd without its sockets, which kills itself at one point between two effects of its core: arguments are cluster
 * file, run directory, what to do, and the number of the point, counted from when that begins. It says `settled` with
 * the program's status before, waits for a line, acts, and says `done` when it came through: then there is no such point.
 * At its end it says `kinds`, those of the effects that it could have died at.
 */

const [file = '', runDirectory = '', action = '', point = ''] = process.argv.slice(2);
const runDir = realpathSync(runDirectory);
const loaded = await loadCluster(file, 'cpu-1', runDir);
if (!loaded.ok) throw new Error(loaded.message);

let armed = action === 'begin';
let passed = 0;
const kinds = new Map<string, number>();
/** These go on for as long as the program runs: twice each is enough. */
const endless = ['probe', 'knock', 'arm'];
const endlessMax = 4;
const supervisor = new Supervisor({
  ...loaded.value,
  runDir,
  stateDir: runDir,
  boot: 'one-boot',
  log: createLogger({ component: 'crash', board: 'cpu-1', level: 'error' }),
  ring: new EventRing(),
  onChange: () => {},
  onCrash: (error) => {
    throw error;
  },
  onEffect: (_, kind) => {
    if (!armed) return;
    const times = (kinds.get(kind) ?? 0) + 1;
    kinds.set(kind, times);
    if (endless.includes(kind) && times > endlessMax) return;
    if (++passed === Number(point)) process.kill(process.pid, 'SIGKILL');
  },
});
const named = supervisor.keeper('one');
if (!named.ok) throw new Error(named.message);
const keeper = named.value;

const runs = (): boolean => ['up', 'ready'].includes(keeper.status().state);

/** It rests: it runs, is stopped or failed for a while, as the same process. */
async function settled() {
  for (let sinceMs = performance.now(), last = ''; ; await sleep(5)) {
    const { state, pid, wanted } = keeper.status();
    const now = JSON.stringify([state, pid, wanted]);
    if (now !== last || !['up', 'ready', 'stopped', 'failed'].includes(state)) sinceMs = performance.now();
    if (performance.now() - sinceMs > 80) return keeper.status();
    last = now;
  }
}
/** Its probe looks for that. */
const fallIll = (): void => writeFileSync(join(runDir, `sick-${keeper.status().pid}`), '');
const say = (what: string): boolean => process.stdout.write(`${what} ${JSON.stringify(keeper.status())}\n`);

supervisor.begin();
await settled();
say('settled');
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();
if (!runs() && ['stop', 'restart', 'death', 'hang', 'move'].includes(action)) {
  keeper.start();
  await settled();
}
if (runs() && action === 'start') await keeper.stop();
armed = true;
switch (action) {
  case 'start':
    keeper.start();
    break;
  case 'stop':
    await keeper.stop();
    break;
  case 'restart':
    keeper.restart();
    break;
  case 'death':
    process.kill(keeper.status().pid ?? 0, 'SIGKILL');
    await sleep(20);
    break;
  case 'move':
    fallIll();
    while (keeper.status().state !== 'failed') await sleep(5);
    break;
  case 'hang': {
    const { restarts } = keeper.status();
    fallIll();
    while (keeper.status().restarts === restarts) await sleep(5);
    // Until it is asked again as before.
    while (keeper.status().state !== 'ready') await sleep(5);
    break;
  }
}
await settled();
process.stdout.write(`kinds ${JSON.stringify([...kinds.keys()])}\n`);
say('done');
process.kill(process.pid, 'SIGKILL');
