import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { netrackClient } from '@softset/client';
import type { EnrolRequest, NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import { type Chassis, ip, until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const program = (path: string): string => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
const softset = program('cli/bin/softset.js');

const clusterText = `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, role: control, A: 10.1.1.20, B: 20.1.1.20, vote: true }
  cpu-1: { id: 2, role: control, A: 10.1.1.11, B: 20.1.1.11, deviceA: eth0, deviceB: eth1 }
geodhcp:
  boards: [ccn]
  enrolPort: 7420
  switches:
    switch-a: { network: A, address: 10.1.0.2, uplinks: { ccn: '' } }
  ports:
    - { switch: switch-a, port: p1, board: cpu-1 }
    - { switch: switch-a, port: p2, name: slot-2, addresses: [10.1.2.2] }
`;

/** NETRACK of one board, with the files that are there. */
function netrack(chassis: Chassis, board: string, file: string, where: string): readonly ChildProcess[] {
  mkdirSync(join(where, 'state'), { recursive: true });
  mkdirSync(join(where, 'run'), { recursive: true });
  const boot = join(where, 'boot-id');
  if (!existsSync(boot)) writeFileSync(boot, `${randomUUID()}\n`);
  const place = [
    '--cluster',
    file,
    '--board',
    board,
    '--run-dir',
    join(where, 'run'),
    '--state-dir',
    join(where, 'state'),
  ];
  const on = where === chassis.folder ? 'ccn' : basename(where);
  if (board === 'ccn') chassis.exec(on, [process.execPath, program('netrack/bin/netrack-form.js'), ...place]);
  return ['netrack-pulse', 'netrackd'].map((name) =>
    chassis.start(
      on,
      [process.execPath, program(`netrack/bin/${name}.js`), ...place, '--boot-id-file', boot],
      {},
      `${on}-${name}`,
    ),
  );
}

async function state(chassis: Chassis): Promise<NetrackState | undefined> {
  const asked = netrackClient(join(chassis.folder, 'run'), { name: 'test', retry: 'none' });
  try {
    const answer = (await asked.ready(1000)).ok ? await asked.call('status', {}) : undefined;
    return answer?.ok ? answer.value : undefined;
  } finally {
    asked.close();
  }
}

/** `softset enrol join`, as somebody on that board types it. */
function joinWords(chassis: Chassis, board: string, token?: string): string[] {
  const where = join(chassis.folder, board);
  mkdirSync(join(where, 'run'), { recursive: true });
  mkdirSync(join(where, 'state'), { recursive: true });
  return [
    ...['netns', 'exec', board, process.execPath, softset, 'enrol', 'join', '--control', '10.1.1.20'],
    ...(token === undefined ? [] : ['--token', token]),
    ...['--cluster', join(where, 'etc/cluster.yaml'), '--defaults', join(where, 'default'), '--wait', '30'],
    ...['--run-dir', join(where, 'run'), '--state-dir', join(where, 'state')],
  ];
}
const joins = (chassis: Chassis, board: string, token?: string) =>
  spawnSync('ip', joinWords(chassis, board, token), { encoding: 'utf8', timeout: 40_000 });

function operator(chassis: Chassis, ...words: readonly string[]): string {
  const done = spawnSync(process.execPath, [softset, 'enrol', ...words, '--run-dir', join(chassis.folder, 'run')], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`${words.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
}
const listed = (chassis: Chassis): readonly EnrolRequest[] =>
  (JSON.parse(operator(chassis, 'list', '--json')) as { requests: EnrolRequest[] }).requests;

async function alarmed(chassis: Chassis, cause: string): Promise<void> {
  await until(
    `the alarm ${cause}`,
    async () =>
      (await state(chassis))?.alarms.some((one) => one.cause === cause && one.severity !== 'cleared') || undefined,
  );
}

/** A control node with geodhcpd and NETRACK, and a token for the place of cpu-1. */
async function begin(chassis: Chassis): Promise<void> {
  await chassis.agent('a');
  const file = join(chassis.folder, 'cluster.yaml');
  writeFileSync(file, clusterText);
  writeFileSync(join(chassis.folder, 'test.key'), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  netrack(chassis, 'ccn', file, chassis.folder);
  await until('a director', async () => ((await state(chassis))?.director === 1 ? true : undefined));
  const place = ['--cluster', file, '--board', 'ccn', '--run-dir', join(chassis.folder, 'run')];
  chassis.start(
    'ccn',
    [process.execPath, program('geodhcp/bin/geodhcpd.js'), ...place, '--state-dir', join(chassis.folder, 'state')],
    {},
    'geodhcpd',
  );
  await until('geodhcpd answers', async () => {
    const status = await chassis.ask('status', {});
    return (status.ok && status.value.answering) || undefined;
  });
}

/** A board with a leg on each network; on B it has its address by hand. */
function board(chassis: Chassis, name: string, mac: string, port: string, addressB?: string): void {
  chassis.board(name, mac);
  chassis.plug(name, 'a', port);
  if (addressB === undefined) return;
  ip(`-n ${name} link add eth1 type veth peer name ${name} netns switch-b`);
  ip(`-n switch-b link set ${name} master br0 up`);
  ip(`-n ${name} addr add ${addressB}/16 dev eth1`);
  ip(`-n ${name} link set eth1 up`);
}

async function verdict(chassis: Chassis, wanted: string): Promise<void> {
  await until(`cpu-1 is ${wanted}`, async () => {
    const boards = (await state(chassis))?.boards ?? [];
    return boards.some((one) => one.name === 'cpu-1' && one.verdict === wanted) || undefined;
  });
}

suite('a new board is enrolled', () => {
  scenario(
    import.meta.url,
    'by a token, at its port and once; a thief elsewhere, a forger and a second use are refused and alarmed',
    async (chassis) => {
      await begin(chassis);
      const token = operator(chassis, 'token', '--port', 'switch-a:p1');
      expect(statSync(join(chassis.folder, 'state/geodhcpd.tokens')).mode & 0o777, 'the file of tokens').to.equal(
        0o600,
      );

      board(chassis, 'thief', '02:00:00:00:00:66', 'p2');
      client(chassis, 'thief', 'dhclient');
      await chassis.has('thief', '10.1.2.2');
      const stolen = joins(chassis, 'thief', token);
      expect(stolen.status, stolen.stdout).to.equal(1);
      expect(stolen.stderr).to.contain('TOKEN_WRONG_PORT');
      expect(existsSync(join(chassis.folder, 'thief/etc/cluster.yaml'))).to.equal(false);
      await alarmed(chassis, 'TOKEN_WRONG_PORT');
      const forged = joins(chassis, 'thief', `${token.slice(0, 9)}${'0'.repeat(32)}`);
      expect(forged.status, forged.stdout).to.equal(1);
      await alarmed(chassis, 'TOKEN_FORGED');

      board(chassis, 'cpu-1', '02:00:00:00:00:01', 'p1', '20.1.1.11');
      client(chassis, 'cpu-1', 'dhclient');
      await chassis.has('cpu-1', '10.1.1.11');
      const joined = joins(chassis, 'cpu-1', token);
      expect(joined.stderr).to.equal('');
      expect(joined.stdout).to.contain('cpu-1 is enrolled; next:');
      expect(joined.status).to.equal(0);
      const own = join(chassis.folder, 'cpu-1');
      expect(readFileSync(join(own, 'etc/cluster.yaml'), 'utf8')).to.equal(clusterText);
      expect(readFileSync(join(own, 'etc/test.key'), 'utf8')).to.equal(
        readFileSync(join(chassis.folder, 'test.key'), 'utf8'),
      );
      expect(statSync(join(own, 'etc/test.key')).mode & 0o777).to.equal(0o600);
      expect(readFileSync(join(own, 'default'), 'utf8')).to.equal('BOARD=cpu-1\n');

      netrack(chassis, 'cpu-1', join(own, 'etc/cluster.yaml'), own);
      await until('it is standby', () => listed(chassis).some(({ state: is }) => is === 'standby') || undefined);
      expect((await state(chassis))?.boards.find(({ name }) => name === 'cpu-1')?.verdict).to.equal('up');

      const words = joinWords(chassis, 'cpu-1', token).map((word) => word.replace('cpu-1/etc', 'cpu-1/again'));
      const again = spawnSync('ip', words, { encoding: 'utf8', timeout: 40_000 });
      expect(again.status, again.stdout).to.equal(1);
      expect(again.stderr).to.contain('TOKEN_REUSED');
      await alarmed(chassis, 'TOKEN_REUSED');
    },
  );

  scenario(
    import.meta.url,
    'by an operator, who types the code that the board shows; a board that is up is not replaced',
    async (chassis) => {
      await begin(chassis);
      board(chassis, 'cpu-1', '02:00:00:00:00:01', 'p1', '20.1.1.11');
      client(chassis, 'cpu-1', 'dhclient');
      await chassis.has('cpu-1', '10.1.1.11');
      const joining = spawn('ip', joinWords(chassis, 'cpu-1'), { stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [joining.stdout, joining.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      const ended = new Promise<number | null>((done) => joining.once('close', done));
      const waiting = await until('it waits', () => listed(chassis).find(({ state: is }) => is === 'waiting'));
      expect(waiting).to.include({ place: 'switch-a/p1', board: 'cpu-1', mac: '02:00:00:00:00:01', version: '0.1.0' });
      await until(
        'the board shows the code',
        () => said.includes(`softset enrol approve ${waiting.code}`) || undefined,
      );
      expect(() => operator(chassis, 'approve', 'fffff-fffff')).to.throw('no board waits with the code');
      expect(operator(chassis, 'approve', waiting.code)).to.contain(
        'approved: 02:00:00:00:00:01 at switch-a/p1 as cpu-1',
      );
      expect(await ended, said).to.equal(0);

      const own = join(chassis.folder, 'cpu-1');
      netrack(chassis, 'cpu-1', join(own, 'etc/cluster.yaml'), own);
      await until('it is standby', () => listed(chassis).some(({ state: is }) => is === 'standby') || undefined);
      // The same cable, and another who says that he is new.
      const twin = spawnSync(
        'ip',
        joinWords(chassis, 'cpu-1').map((word) => word.replace('cpu-1/etc', 'cpu-1/twin')),
        { encoding: 'utf8', timeout: 40_000 },
      );
      expect(twin.stderr).to.contain('BOARD_UP');
      await alarmed(chassis, 'BOARD_UP');
    },
  );

  scenario(
    import.meta.url,
    'in place of one that died: new MAC, same port, a token of its own, standby',
    async (chassis) => {
      await begin(chassis);
      const first = operator(chassis, 'token', '--port', 'switch-a:p1');
      board(chassis, 'old', '02:00:00:00:00:01', 'p1', '20.1.1.11');
      client(chassis, 'old', 'dhclient');
      await chassis.has('old', '10.1.1.11');
      expect(joins(chassis, 'old', first).status).to.equal(0);
      const daemons = netrack(
        chassis,
        'cpu-1',
        join(chassis.folder, 'old/etc/cluster.yaml'),
        join(chassis.folder, 'old'),
      );
      await verdict(chassis, 'up');

      for (const daemon of daemons) daemon.kill('SIGKILL');
      chassis.unplug('old');
      ip('-n switch-b link set old down');
      await verdict(chassis, 'down');
      board(chassis, 'new', '02:00:00:00:00:02', 'p1', '20.1.1.11');
      client(chassis, 'new', 'dhclient');
      // For a while after it gave an address, geoDHCP gives it to no other device of the port.
      await chassis.has('new', '10.1.1.11', 40_000);
      expect(joins(chassis, 'new', first).stderr).to.contain('TOKEN_REUSED');
      const joined = joins(chassis, 'new', operator(chassis, 'token', '--port', 'switch-a:p1'));
      expect(joined.stderr).to.equal('');
      expect(joined.status, joined.stdout).to.equal(0);
      netrack(chassis, 'cpu-1', join(chassis.folder, 'new/etc/cluster.yaml'), join(chassis.folder, 'new'));
      await until(
        'it is standby',
        () =>
          listed(chassis).some(({ state: is, mac }) => is === 'standby' && mac === '02:00:00:00:00:02') || undefined,
      );
    },
  );
});
