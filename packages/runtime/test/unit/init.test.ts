import { afterEnd } from '@softset/runtime/init/after-end.js';
import { boardDaemon } from '@softset/runtime/init/board-daemon.js';
import { Signs } from '@softset/runtime/init/signs.js';
import { commandOf, readEnvironment, readUnit, spanMs } from '@softset/runtime/init/unit-file.js';
import { expect } from 'chai';

const unit = readUnit(`[Unit]
# A comment, and one below.
Description=A daemon

[Service]
User=softset
ExecStart=/usr/lib/softset/node x.js --board \${BOARD}
Restart=always
RestartSec=100ms
RestartPreventExitStatus=1 100
TimeoutStopSec=10
WatchdogSec=5
CPUSchedulingPriority=40
AmbientCapabilities=CAP_NET_ADMIN CAP_SYS_NICE
`);

describe('the plain init reads units as systemd does', () => {
  it('what runs, as whom, with which rights, and what is done when it ends', () => {
    const { command, ...rest } = boardDaemon('netrackd', unit, { BOARD: 'cpu-1' });
    expect(rest).to.deep.equal({
      name: 'netrackd',
      restart: true,
      restartMs: 100,
      refusals: [1, 100],
      realTime: 40,
      stopMs: 10_000,
      watchdogMs: 5_000,
    });
    expect(command[0]).to.equal('setpriv');
    expect(command).to.include.members(['--reuid=softset', '--regid=softset', '--no-new-privs', '--pdeathsig=KILL']);
    expect(command).to.include('--bounding-set=-all,+net_admin,+sys_nice');
    expect(command.slice(command.indexOf('--') + 1)).to.deep.equal([
      '/usr/lib/softset/node',
      'x.js',
      '--board',
      'cpu-1',
    ]);
  });

  it('a unit without capabilities gives none', () => {
    const none = readUnit('[Service]\nUser=softset\nExecStop=/bin/true\nAmbientCapabilities=\n');
    expect(commandOf(none, {}, { key: 'ExecStop' }))
      .to.include('--ambient-caps=-all')
      .and.include('/bin/true');
  });

  it('a line that is none is refused, and not half a unit run', () => {
    expect(() => readUnit('[Service]\nExecStart /bin/true\n')).to.throw(
      'not a line of a unit file: ExecStart /bin/true',
    );
  });

  const spans: readonly [string | undefined, number | undefined][] = [
    ['0', 0],
    ['100ms', 100],
    ['5', 5_000],
    ['2s', 2_000],
    ['1min', 60_000],
    ['soon', undefined],
    [undefined, undefined],
  ];
  for (const [text, ms] of spans)
    it(`a span of ${text} is ${ms} ms (systemd.time(7))`, () => expect(spanMs(text)).to.equal(ms));

  it('an environment file has comments, and quotes around what it likes', () => {
    expect(readEnvironment('#BOARD=a\nBOARD="cpu-1"\nX=\n  Y=z\nnonsense\n')).to.deep.equal({
      BOARD: 'cpu-1',
      X: '',
      Y: 'z',
    });
  });
});

describe('a daemon that ended', () => {
  const daemon = { restart: true } as const;
  const cases: readonly [string, Parameters<typeof afterEnd>, ReturnType<typeof afterEnd>][] = [
    [
      'stays away where it is not to be restarted',
      [{ restart: false }, { code: 0, ranMs: 9e3, quickDeaths: 0 }],
      'stays',
    ],
    [
      'stays away when it refused',
      [
        { ...daemon, refusals: [1, 100] },
        { code: 100, ranMs: 9, quickDeaths: 0 },
      ],
      'stays',
    ],
    [
      'comes back when a signal ended it, whatever it refuses by',
      [
        { ...daemon, refusals: [1] },
        { code: null, ranMs: 5e3, quickDeaths: 3 },
      ],
      { pauseMs: 20, quickDeaths: 0 },
    ],
    [
      'comes back at once under real time: a lease waits for it',
      [
        { ...daemon, realTime: 40 },
        { code: 70, ranMs: 5e3, quickDeaths: 0 },
      ],
      { pauseMs: 0, quickDeaths: 0 },
    ],
    [
      'comes back after its own pause',
      [
        { ...daemon, restartMs: 100 },
        { code: 70, ranMs: 10, quickDeaths: 1 },
      ],
      { pauseMs: 100, quickDeaths: 2 },
    ],
    [
      'waits a second after the fifth quick death',
      [
        { ...daemon, realTime: 40, restartMs: 0 },
        { code: 70, ranMs: 10, quickDeaths: 4 },
      ],
      { pauseMs: 1_000, quickDeaths: 5 },
    ],
  ];
  for (const [title, words, expected] of cases) it(title, () => expect(afterEnd(...words)).to.deep.equal(expected));
});

describe('signs of life (sd_notify(3))', () => {
  const pids = new Map([['netrackd', 7]]);
  const fresh = (): Signs =>
    new Signs([
      { name: 'netrackd', watchdogMs: 1_000 },
      { name: 'other', watchdogMs: undefined },
    ]);

  it('one that says nothing for its time is overdue, once', () => {
    const signs = fresh();
    signs.heard(7, 'READY=1\nSTATUS=x', pids, 0);
    signs.heard(7, 'WATCHDOG=1', pids, 600);
    expect(signs.overdue(pids, 1_600)).to.deep.equal([]);
    expect(signs.overdue(pids, 1_601)).to.deep.equal(['netrackd']);
    expect(signs.overdue(pids, 5_000)).to.deep.equal([]);
  });

  it('nothing is due before it was ready, nor of its next life', () => {
    const signs = fresh();
    signs.heard(7, 'STATUS=loading', pids, 0);
    expect(signs.overdue(pids, 60_000)).to.deep.equal([]);
    signs.heard(7, 'READY=1', pids, 0);
    expect(signs.ready('netrackd', 7)).to.equal(true);
    expect(signs.ready('netrackd', 8)).to.equal(false);
    expect(signs.overdue(new Map([['netrackd', 8]]), 60_000)).to.deep.equal([]);
  });

  it('only WATCHDOG=1 counts, and only from the daemon itself', () => {
    const signs = fresh();
    signs.heard(7, 'READY=1', pids, 0);
    signs.heard(7, 'STATUS=busy', pids, 900);
    signs.heard(9, 'WATCHDOG=1', pids, 900);
    expect(signs.overdue(pids, 1_001)).to.deep.equal(['netrackd']);
  });
});
