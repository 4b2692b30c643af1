import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProgramStatus } from '@softset/protocol';
import { expect } from 'chai';
import { entry } from './programs.js';
import { Place, until } from './psrmd.js';

const crashMain = fileURLToPath(new URL('./crash-main.js', import.meta.url));
/** More than any of them has; a run that comes through ends the count. */
const pointsMax = 60;

describe('psrmd killed between any two effects', function () {
  this.timeout(240_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
    // The first process and one that left its session: a family of two.
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', 'setsid sleep 1000 & exec sleep 1000'],
        giveUp: { deaths: 1000 },
        pause: { minMs: 1, maxMs: 1 },
      }),
    });
  });
  afterEach(() => place.clean('one'));

  for (const action of ['begin', 'start', 'death', 'restart', 'stop'] as const) {
    it(`of a ${action}: no program twice, none lost`, async () => {
      let points = 0;
      for (let point = 1, came = false; !came; point++) {
        expect(point).to.be.lessThan(pointsMax);
        came = await run(place, action, point);
        // One that dies at its own beginning says nothing: the next has to.
        if (action === 'begin') await run(place, 'none', 0);
        points = point;
      }
      await run(place, 'none', 0);
      // With none to die at, nothing was tested.
      expect(points).to.be.greaterThan(4);
    });
  }
});

/** One life of psrmd: what it finds must be right before it acts. True when it came through without dying. */
async function run(place: Place, action: string, point: number): Promise<boolean> {
  // Killed at its own beginning, it must find what there was before: a program that runs, or one that was left dead.
  if (action === 'begin' && point % 2 === 0) for (const pid of place.marked('one')) process.kill(pid, 'SIGKILL');
  const args = [crashMain, place.file, place.runDir, action, String(point)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let done = false;
  for await (const line of createInterface(child.stdout)) {
    const [what, status] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (what === 'settled') {
      await judge(place, action, point, JSON.parse(status) as ProgramStatus);
      child.stdin.write('go\n');
    }
    done ||= what === 'done';
  }
  const [code, signal] = await ended;
  expect([code, signal], 'it ended by its own KILL').to.deep.equal([null, 'SIGKILL']);
  return done;
}

async function judge(place: Place, action: string, point: number, status: ProgramStatus): Promise<void> {
  const here = `${action} ${point}: ${JSON.stringify(status)}`;
  if (!status.wanted) {
    expect(status.state, here).to.equal('stopped');
    expect(place.marked('one'), here).to.deep.equal([]);
    return;
  }
  expect(status.state, here).to.equal('up');
  await until(`one family: ${here}`, () => (place.marked('one').length === 2 ? true : undefined));
  expect(place.marked('one'), here).to.include(status.pid);
}
