import { realpathSync } from 'node:fs';
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
 */

const [file = '', runDirectory = '', action = '', point = ''] = process.argv.slice(2);
const runDir = realpathSync(runDirectory);
const loaded = await loadCluster(file, 'cpu-1', runDir);
if (!loaded.ok) throw new Error(loaded.message);

let armed = action === 'begin';
let passed = 0;
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
  onEffect: () => {
    if (armed && ++passed === Number(point)) process.kill(process.pid, 'SIGKILL');
  },
});
const named = supervisor.keeper('one');
if (!named.ok) throw new Error(named.message);
const keeper = named.value;

/** It rests: up, stopped or failed for a while, as the same process. */
async function settled() {
  for (let sinceMs = performance.now(), last = ''; ; await sleep(5)) {
    const { state, pid, wanted } = keeper.status();
    const now = JSON.stringify([state, pid, wanted]);
    if (now !== last || !['up', 'stopped', 'failed'].includes(state)) sinceMs = performance.now();
    if (performance.now() - sinceMs > 80) return keeper.status();
    last = now;
  }
}
const say = (what: string): boolean => process.stdout.write(`${what} ${JSON.stringify(keeper.status())}\n`);

supervisor.begin();
await settled();
say('settled');
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();
if (keeper.status().state !== 'up' && ['stop', 'restart', 'death'].includes(action)) {
  keeper.start();
  await settled();
}
if (keeper.status().state === 'up' && action === 'start') await keeper.stop();
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
}
await settled();
say('done');
process.kill(process.pid, 'SIGKILL');
