import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { state } from '../fixture.js';
import { BoardAgent } from './behind.js';
import { freePort, missingTools, Place, run, until } from './place.js';

const IF_INDEX = '1.3.6.1.2.1.2.2.1.1';
const IF_OPER = '1.3.6.1.2.1.2.2.1.8';
const LINK_DOWN = '1.3.6.1.6.3.1.1.5.3';
const LINK_UP = '1.3.6.1.6.3.1.1.5.4';
const FAN = '1.3.6.1.4.1.9.9.0';

/** Agents at addresses of loopback of their own: an agent is known by where it speaks from. */
describe("notifications of boards and switches, by Debian's snmptrapd", function () {
  this.timeout(120_000);
  const trapPort = freePort();
  let place: Place;
  let sw: BoardAgent;

  before(async function () {
    // Debian's agent and tools are what it is about.
    if (missingTools() !== undefined) this.skip();
    const folder = join('/tmp', `snmpag-traps-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    sw = new BoardAgent(join(folder, 'switch-b'));
    place = new Place(
      undefined,
      `  traps: { listen: ["udp:127.0.0.1:${trapPort}"], freshMs: 1500 }
  agents:
    io-1: { addresses: [127.0.0.3], port: ${freePort()}, communityFile: board.secret, timeoutMs: 100, notices: { fan: { oid: ${FAN}.1, clearedBy: ${FAN}.2 } } }
    cpu-2: { addresses: [127.0.0.2], port: ${freePort()}, user: us, passwordFile: us.pass, timeoutMs: 100, engineId: "0x80000000010203" }
    switch-b: { number: 66, addresses: [127.0.0.1], port: ${sw.port}, communityFile: board.secret, pollMs: 600 }
`,
    );
    place.secret('board.secret', 'board-secret\n');
    place.secret('us.pass', 'board-auth\nboard-priv\n');
    await sw.start();
    await place.netrackd(state());
    await place.redirectd();
    place.snmpagd();
    await until('snmptrapd listens', async () => ((await place.status())?.traps?.listening ? true : undefined));
    await until('redirectd is heard', async () =>
      (await place.status())?.sources.redirectd === 'connected' ? true : undefined,
    );
  });
  after(async () => {
    await place?.clean();
    await sw?.stop();
  });

  const at = `127.0.0.1:${trapPort}`;
  const v2c = (source: string, community = 'board-secret') => [
    '-v2c',
    '-c',
    community,
    `--clientaddr=${source}`,
    at,
    '',
  ];
  const port = (index: number, oper?: number) => [
    `${IF_INDEX}.${index}`,
    'i',
    String(index),
    ...(oper === undefined ? [] : [`${IF_OPER}.${index}`, 'i', String(oper)]),
  ];
  const v3 = [
    '-v3',
    '-u',
    'us',
    '-l',
    'authPriv',
    '-a',
    'SHA-256',
    '-A',
    'board-auth',
    '-x',
    'AES',
    '-X',
    'board-priv',
  ];
  const becomes = (agent: string, name: string, value: unknown) =>
    until(`${agent} ${name} is ${value}`, async () => {
      const fact = (await place.facts())?.find((one) => one.agent === agent && one.name === name);
      return fact?.value === value ? fact : undefined;
    });
  const heard = async () => (await place.status())?.traps?.heard ?? 0;

  it('linkDown by v2c is a fact at once, told to rules, and unknown after its time', async () => {
    await run('snmptrap', [...v2c('127.0.0.3'), LINK_DOWN, ...port(7, 2)]);
    await becomes('io-1', 'ifOperStatus.7', 'down');
    await until('redirectd was told', () =>
      place.told.some(({ agent, values }) => agent === 'io-1' && values['ifOperStatus.7'] === 'down')
        ? true
        : undefined,
    );
    await becomes('io-1', 'ifOperStatus.7', null);
    await until('redirectd was told that nobody knows', () =>
      place.told.at(-1)?.values['ifOperStatus.7'] === null ? true : undefined,
    );
  });

  it('linkUp ends it; v1 says the same in its own words', async () => {
    await run('snmptrap', [...v2c('127.0.0.3'), LINK_DOWN, ...port(8, 2)]);
    await becomes('io-1', 'ifOperStatus.8', 'down');
    await run('snmptrap', [...v2c('127.0.0.3'), LINK_UP, ...port(8, 1)]);
    await becomes('io-1', 'ifOperStatus.8', 'up');
    const v1 = ['-v1', '-c', 'board-secret', '--clientaddr=127.0.0.3', at, '1.3.6.1.4.1.8072', '10.0.0.1'];
    await run('snmptrap', [...v1, '2', '0', '', ...port(8)]);
    await becomes('io-1', 'ifOperStatus.8', 'down');
  });

  it('an inform by v3 is answered; a trap by v3 is believed by its engine', async () => {
    const inform = await run('snmpinform', [...v3, '--clientaddr=127.0.0.2', at, '', LINK_DOWN, ...port(3, 2)]);
    expect(inform.code, inform.err).to.equal(0);
    await becomes('cpu-2', 'ifOperStatus.3', 'down');
    const trap = ['-e', '0x80000000010203', ...v3, '--clientaddr=127.0.0.2', at, '', LINK_UP, ...port(3, 1)];
    await run('snmptrap', trap);
    await becomes('cpu-2', 'ifOperStatus.3', 'up');
  });

  it('another notification is true as the cluster file calls it, until the one that ends it', async () => {
    await run('snmptrap', [...v2c('127.0.0.3'), `${FAN}.1`]);
    await becomes('io-1', 'fan', true);
    await run('snmptrap', [...v2c('127.0.0.3'), `${FAN}.2`]);
    await becomes('io-1', 'fan', false);
  });

  it('a wrong community, a wrong key and a stranger are not believed', async () => {
    const before = await heard();
    await run('snmptrap', [...v2c('127.0.0.3', 'guessed'), LINK_DOWN, ...port(99, 2)]);
    // Its community is not taken from there: it is an agent's, and this is no address of it.
    await run('snmptrap', [...v2c('127.0.0.9'), LINK_DOWN, ...port(99, 2)]);
    const wrong = v3.map((word) => (word === 'board-auth' ? 'board-xxxx' : word));
    const inform = await run('snmpinform', [...wrong, '-r', '0', '-t', '1', at, '', LINK_DOWN, ...port(99, 2)]);
    expect(inform.code).to.not.equal(0);
    // By v3 anybody with the keys may speak from anywhere; but whose word it is nobody knows.
    await run('snmpinform', [...v3, '--clientaddr=127.0.0.9', at, '', LINK_DOWN, ...port(99, 2)]);
    await until('the stranger is counted', async () =>
      (await place.status())?.traps?.strangers === 1 ? true : undefined,
    );
    expect(await heard()).to.equal(before);
    expect((await place.facts())?.some(({ name }) => name === 'ifOperStatus.99')).to.equal(false);
  });

  it('an agent that can be read is read at once: what a notification said falsely is put right', async () => {
    await run('snmptrap', [...v2c('127.0.0.1'), LINK_DOWN, ...port(1, 2)]);
    await becomes('switch-b', 'ifOperStatus.1', 'up');
  });

  it('what rules ask of an interface is read and told, by its name in the MIB', async () => {
    place.asksFor = [{ agent: 'switch-b', object: 'ifDescr.1' }];
    await becomes('switch-b', 'ifDescr.1', 'lo');
    await until('redirectd was told', () =>
      place.told.some(({ values }) => values['ifDescr.1'] === 'lo') ? true : undefined,
    );
  });

  it('a flood of notifications is taken, and snmpagd answers meanwhile', async () => {
    const before = await heard();
    const sends = Array.from({ length: 8 }, async (_, lane) => {
      for (let i = 1; i <= 8; i++) {
        await run('snmptrap', [...v2c('127.0.0.3'), LINK_DOWN, ...port(lane * 8 + i, 2)]);
      }
    });
    expect((await place.facts())?.length).to.be.greaterThan(0);
    await Promise.all(sends);
    await until('all were heard', async () => ((await heard()) >= before + 64 ? true : undefined));
  });

  it('snmptrapd that is killed is there again, and ends with snmpagd', async () => {
    const pidOf = async () => {
      const { out } = await run('pgrep', ['-f', `snmptrapd.*${at}$`]);
      return Number(out.trim().split('\n')[0] ?? 0);
    };
    const first = await pidOf();
    expect(first).to.be.greaterThan(0);
    process.kill(first, 'SIGKILL');
    await until('another one', async () => {
      const now = await pidOf();
      return now > 0 && now !== first ? true : undefined;
    });
    await until('it listens', async () => ((await place.status())?.traps?.listening ? true : undefined));
    await run('snmptrap', [...v2c('127.0.0.3'), LINK_DOWN, ...port(11, 2)]);
    await becomes('io-1', 'ifOperStatus.11', 'down');
    place.killSnmpagd();
    await until('snmptrapd went with it', async () => ((await pidOf()) === 0 ? true : undefined));
  });
});
