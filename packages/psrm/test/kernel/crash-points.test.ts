import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProgramStatus } from '@softset/protocol';
import type { Effect } from '@softset/psrm/core/events.js';
import { expect } from 'chai';
import { entry, perl } from './programs.js';
import { Place, until } from './psrmd.js';

const crashMain = fileURLToPath(new URL('./crash-main.js', import.meta.url));
/** More than any of them has; a run that comes through ends the count. */
const pointsMax = 80;
const port = 47141;

/** All that the core can ask for: a new kind does not compile before it is here. */
const kinds: Readonly<Record<Effect['kind'], true>> = {
  ...{ persist: true, spawn: true, signal: true, dump: true, kill: true, clean: true, sweep: true },
  ...{ probe: true, watch: true, knock: true, arm: true, report: true },
};

/** The first process and one that left its session: a family of two. */
const plain = entry({
  command: ['/bin/sh', '-c', 'setsid sleep 1000 & exec sleep 1000'],
  giveUp: { deaths: 1000 },
  pause: { minMs: 1, maxMs: 1 },
});

/** Another that heeds no TERM, is ready by its port, and answers its probe until its pid is called sick. */
const stubborn = (runDir: string, more: object = {}): string =>
  entry({
    command: perl(`use IO::Socket::INET; use POSIX 'setsid'; $SIG{TERM} = 'IGNORE';
      if (fork() == 0) { setsid(); exec '/bin/sleep', '1000' }
      my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => '127.0.0.1', LocalPort => ${port}, ReuseAddr => 1) or die $!;
      sleep 1 while 1`),
    ready: { by: 'port', port: { port } },
    probe: {
      exec: { command: ['/bin/sh', '-c', `test ! -e ${runDir}/sick-$SOFTSET_PID`] },
      ...{ intervalMs: 30, timeoutMs: 5000, fall: 1, graceMs: 0 },
    },
    stop: { timeoutMs: 50, dump: { command: ['/bin/true'], timeoutMs: 200 } },
    giveUp: { deaths: 1000 },
    pause: { minMs: 1, maxMs: 1 },
    ...more,
  });

describe('psrmd killed between any two effects', function () {
  this.timeout(300_000);
  let place: Place;
  const met = new Set<string>();
  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
  });
  afterEach(() => place.clean('one'));

  for (const action of ['begin', 'start', 'death', 'restart', 'stop', 'hang', 'move'] as const) {
    it(`of a ${action}: no program twice, none lost`, async () => {
      const moves = { hang: { action: 'move' } };
      const one = { hang: stubborn(place.runDir), move: stubborn(place.runDir, moves) };
      place.configure({ one: action === 'hang' || action === 'move' ? one[action] : plain });
      let points = 0;
      for (let point = 1, came = false; !came; point++) {
        expect(point).to.be.lessThan(pointsMax);
        came = await run(place, action, point, met);
        // One that dies at its own beginning says nothing: the next has to.
        if (action === 'begin') await run(place, 'none', 0, met);
        points = point;
      }
      await run(place, 'none', 0, met);
      // With none to die at, nothing was tested.
      expect(points).to.be.greaterThan(4);
    });
  }

  it('and these are all effects that the core has', () => {
    expect([...met]).to.have.members(Object.keys(kinds));
  });
});

/** One life of psrmd: what it finds must be right before it acts. True when it came through without dying. */
async function run(place: Place, action: string, point: number, met: Set<string>): Promise<boolean> {
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
    if (what === 'kinds') for (const kind of JSON.parse(status) as string[]) met.add(kind);
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
  if (status.state === 'failed' && (action === 'move' || action === 'none')) {
    // Given up, and kept so: another board may start it, so nothing of it may be left.
    expect(place.marked('one'), here).to.deep.equal([]);
    return;
  }
  expect(status.state, here).to.be.oneOf(['up', 'ready']);
  await until(`one family: ${here}`, () => (place.marked('one').length === 2 ? true : undefined));
  expect(place.marked('one'), here).to.include(status.pid);
}
