import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { engineId } from '@softset/snmpag/core/snmpd-conf.js';
import { expect } from 'chai';
import { board, state } from '../fixture.js';
import { BoardAgent } from './behind.js';
import { community, missingTools, operator, Place, until, viewer } from './place.js';

const sysName = '1.3.6.1.2.1.1.5.0';
const sysLocation = '1.3.6.1.2.1.1.6.0';

const state0 = () => state();
const withIo1 = (verdict: 'down' | 'up') => state({ boards: [board(1), board(2), board(3, { verdict })] });
const bare = (text: string): string => text.trim().replaceAll('"', '');

describe("boards' own agents in contexts of their names", function () {
  this.timeout(120_000);
  let place: Place;
  let io1: BoardAgent;
  let cpu2: BoardAgent;
  let sw: BoardAgent;

  before(async function () {
    // Debian's agent and tools are what it is about.
    if (missingTools() !== undefined) this.skip();
    const agents = (ports: readonly number[]) => `  agents:
    io-1: { addresses: [127.0.0.1], port: ${ports[0]}, communityFile: board.secret, timeoutMs: 300, pollMs: 500 }
    cpu-2: { addresses: [127.0.0.1], port: ${ports[1]}, user: us, passwordFile: us.pass, timeoutMs: 300, pollMs: 500 }
    switch-a: { number: 65, addresses: [127.0.0.1], port: ${ports[2]}, communityFile: board.secret, timeoutMs: 300, pollMs: 500, facts: { name: { oid: ${sysName}, everyMs: 100, freshMs: 600 } } }
`;
    const folder = join('/tmp', `snmpag-behind-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    io1 = new BoardAgent(join(folder, 'io-1'), ['sysName own-io-1']);
    cpu2 = new BoardAgent(join(folder, 'cpu-2'), ['sysName own-cpu-2']);
    sw = new BoardAgent(join(folder, 'switch-a'), ['sysName own-switch-a']);
    const mapped = '    - { file: io-1.community, from: 127.0.0.0/8, context: io-1 }\n';
    place = new Place(undefined, agents([io1.port, cpu2.port, sw.port]), mapped);
    place.secret('board.secret', 'board-secret\n');
    place.secret('us.pass', 'board-auth\nboard-priv\n');
    place.secret('io-1.community', 'io-1\n');
    await Promise.all([io1.start(), cpu2.start(), sw.start()]);
    await place.netrackd(state());
    await place.redirectd();
    await place.snmpd();
    place.snmpagd();
    await place.serving();
  });
  after(async () => {
    await place?.clean();
    for (const agent of [io1, cpu2, sw]) await agent?.stop();
  });

  const inContext = (context: string, who = operator) => [...who, '-n', context];
  const get = async (context: string, oid: string, who = operator) =>
    bare((await place.snmp('get', ['-Oqvn', oid], inContext(context, who))).out);

  it('each answers with its own words, by v2c and v3 behind, and the front with its own', async () => {
    expect(await get('io-1', sysName)).to.equal('own-io-1');
    expect(await get('cpu-2', sysName)).to.equal('own-cpu-2');
    expect(await get('switch-a', sysName)).to.equal('own-switch-a');
    expect(bare((await place.snmp('get', ['-Oqvn', sysName])).out)).to.equal('chassis/cpu-1');
  });

  it('a community that is mapped shows one agent, and the others do not', async () => {
    const mapped = ['-v2c', '-c', 'io-1'];
    expect(bare((await place.snmp('get', ['-Oqvn', sysName], mapped)).out)).to.equal('own-io-1');
    expect(bare((await place.snmp('get', ['-Oqvn', sysName], community)).out)).to.equal('chassis/cpu-1');
    expect((await place.snmp('get', ['-Oqvn', sysName], ['-v2c', '-c', 'cpu-2'])).code).to.not.equal(0);
  });

  it('a walk finds what the agent itself says, whole, one by one and in bulk', async () => {
    const subtree = '1.3.6.1.2.1.2';
    const names = (text: string) => text.split('\n').map((line) => line.split(' ')[0]);
    const direct = await place.snmp('walk', ['-Oqn', subtree], inContext('io-1'));
    const bulk = await place.snmp('bulkwalk', ['-Oqn', '-Cr20', subtree], inContext('io-1'));
    const own = await io1.walk(subtree);
    expect(names(own.out).length).to.be.greaterThan(20);
    expect(names(direct.out)).to.deep.equal(names(own.out));
    expect(names(bulk.out)).to.deep.equal(names(own.out));
    // Tables come in columns, several of them at once.
    const table = await place.snmp('table', ['-Ci', '-m', 'IF-MIB', 'ifTable'], inContext('io-1'));
    expect(table.out).to.match(/softwareLoopback/);
  });

  it('GETBULK of one name and two columns (RFC 3416 §4.2.3)', async () => {
    const asked = ['-Cn1', '-Cr2', '-Oqn', '1.3.6.1.2.1.1.5', '1.3.6.1.2.1.2.2.1.1', '1.3.6.1.2.1.2.2.1.3'];
    const said = await place.snmp('bulkget', asked, inContext('io-1'));
    const names = said.out
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names.length).to.equal(5);
    expect(names.slice(0, 3)).to.deep.equal([`.${sysName}`, '.1.3.6.1.2.1.2.2.1.1.1', '.1.3.6.1.2.1.2.2.1.3.1']);
  });

  it('what is not there is said by its own word', async () => {
    expect(await get('io-1', '1.3.6.1.2.1.1.99.0')).to.match(/No Such (Object|Instance)/);
  });

  it('a SET reaches the agent, and is in the journal without its text; a viewer may not', async () => {
    expect((await place.snmp('set', [sysLocation, 's', 'slot 3'], inContext('io-1'))).code).to.equal(0);
    expect(await get('io-1', sysLocation)).to.equal('slot 3');
    expect(bare((await io1.get(sysLocation)).out)).to.equal('slot 3');
    expect((await place.snmp('set', [sysLocation, 's', 'no'], inContext('io-1', viewer))).err).to.match(
      /noAccess|authorizationError/,
    );
    const done = place.journal().filter(({ what }) => what === 'set-done');
    expect(JSON.stringify(done)).to.include('"io-1"').and.not.include('slot 3');
    expect(done[0]?.who, 'the only one who may').to.include({ user: 'operator' });
  });

  it("a SET that the agent refuses is refused with the agent's error and place, and no part of it is done", async () => {
    const pairs = [sysLocation, 's', 'elsewhere', '1.3.6.1.2.1.1.3.0', 't', '5'];
    const said = await place.snmp('set', pairs, inContext('io-1'));
    expect(said.err)
      .to.match(/notWritable/)
      .and.match(/Failed object: .*\.1\.3\.0/);
    expect(await get('io-1', sysLocation)).to.equal('slot 3');
  });

  it('a SET in the context by:USER is for that user alone', async () => {
    const order = ["softsetServiceHolderWanted.'media'", 'u', '2'];
    expect((await place.snmp('set', order, inContext('by:operator', viewer))).code).to.not.equal(0);
    const said = await place.snmp('set', order, inContext('by:operator'));
    expect(said.code, said.err).to.equal(0);
    expect(place.moves).to.deep.equal([{ service: 'media', board: 'cpu-2' }]);
    const done = place.journal().filter(({ what }) => what === 'set-done');
    expect(done.at(-1)?.who).to.include({ user: 'operator' });
  });

  it('what an agent is asked with is changed by its file while all runs', async () => {
    place.secret('us.pass', 'wrong-auth\nwrong-priv\n');
    await until('it is asked with another', async () =>
      (await get('cpu-2', sysName)) === 'own-cpu-2' ? undefined : true,
    );
    expect(await get('io-1', sysName)).to.equal('own-io-1');
    place.secret('us.pass', 'board-auth\nboard-priv\n');
    await until('it answers again', async () => ((await get('cpu-2', sysName)) === 'own-cpu-2' ? true : undefined));
    const told = place.journal().filter(({ what }) => what === 'secrets-read');
    expect(
      told.map(({ fields }) => fields.snmpd),
      'snmpd has nothing to do with it',
    ).to.deep.equal(['the same', 'the same']);
  });

  it('an unknown context is nobody', async () => {
    expect((await place.snmp('get', ['-Oqvn', sysName], inContext('io-9'))).code).to.not.equal(0);
  });

  it("an agent's users and views are nobody's business", async () => {
    const said = await place.snmp('walk', ['-Oqn', '1.3.6.1.6.3.15'], inContext('io-1'));
    expect(said.out).to.match(/No more variables|No Such Object/);
  });

  describe('merged in the default context', () => {
    /** A column by index; MIBs of ENTITY are not in Debian, so by numbers. */
    const column = async (oid: string): Promise<Map<string, string>> => {
      const said = await place.snmp('bulkwalk', ['-Oqne', oid]);
      const lines = said.out.split('\n').filter((line) => line.startsWith(`.${oid}.`));
      return new Map(
        lines.map((line) => {
          const [name = '', ...value] = line.split(' ');
          return [name.slice(oid.length + 2), bare(value.join(' '))] as const;
        }),
      );
    };
    const physical = '1.3.6.1.2.1.47.1.1.1.1';

    it('ENTITY-MIB has the chassis, boards, switches and ports, and what is in what', async () => {
      const names = await until('interfaces are read', async () => {
        const found = await column(`${physical}.7`);
        return [...found.keys()].some((index) => Number(index) > 65_000_000) ? found : undefined;
      });
      const classes = await column(`${physical}.5`);
      const containers = await column(`${physical}.4`);
      const row = (index: string) => [names.get(index), classes.get(index), containers.get(index)];
      expect(row('1')).to.deep.equal(['chassis', '3', '0']);
      expect(row('1003')).to.deep.equal(['io-1', '9', '1']);
      expect(row('1065')).to.deep.equal(['switch-a', '9', '1']);
      const port = [...names.keys()].find((index) => Number(index) > 3_000_000 && Number(index) < 4_000_000) ?? '';
      expect(row(port).slice(1)).to.deep.equal(['10', '1003']);
      expect((await column('1.3.6.1.2.1.47.1.3.2.1.2')).get(`${port}.0`)).to.equal(`.1.3.6.1.2.1.2.2.1.1.${port}`);
      expect([...(await column('1.3.6.1.2.1.47.1.3.3.1.1')).keys()]).to.include.members(['1.1003', `1003.${port}`]);
    });

    it('entLogicalTable lists the contexts, and each can be walked by its word', async () => {
      const contexts = await column('1.3.6.1.2.1.47.1.2.1.1.8');
      expect([...contexts.values()]).to.deep.equal(['cpu-2', 'io-1', 'switch-a']);
      for (const context of contexts.values()) expect(await get(context, sysName)).to.equal(`own-${context}`);
      const engine = (await column('1.3.6.1.2.1.47.1.2.1.1.7')).get('3')?.replaceAll(' ', '').toLowerCase();
      expect(`0x${engine}`).to.equal(engineId(4711, 1));
    });

    it('ENTITY-STATE-MIB: who holds a service provides it, who is in the pool stands by; a board that is down is disabled', async () => {
      const state = async (index: number) =>
        Promise.all([2, 3, 4, 6].map(async (id) => (await column(`1.3.6.1.2.1.131.1.1.1.${id}`)).get(`${index}`)));
      expect(await state(1001)).to.deep.equal(['4', '3', '3', '4']);
      expect(await state(1003)).to.deep.equal(['4', '3', '2', '1']);
      await place.netrackd(withIo1('down'));
      await until('it is disabled', async () => ((await state(1003))[1] === '2' ? true : undefined));
      await place.netrackd(state0());
      await until('it is back', async () => ((await state(1003))[1] === '3' ? true : undefined));
    });

    it("IF-MIB has every agent's rows under its number, and not snmpd's own", async () => {
      const said = await place.snmp('walk', ['-Oqn', '1.3.6.1.2.1.2.2.1.2']);
      const indices = said.out.match(/2\.2\.1\.2\.([0-9]+) /g)?.map((one) => Number(one.slice(8, -1))) ?? [];
      expect(indices).to.include.members([2000001, 3000001, 65000001]);
      expect(indices.filter((index) => index < 1_000_000)).to.deep.equal([]);
      const merged = bare((await place.snmp('get', ['-Oqvn', '1.3.6.1.2.1.31.1.1.1.1.3000001'])).out);
      expect(merged).to.equal(await get('io-1', '1.3.6.1.2.1.31.1.1.1.1.1'));
      const count = bare((await place.snmp('get', ['-Oqvn', '1.3.6.1.2.1.2.1.0'])).out);
      expect(Number(count)).to.equal(indices.length);
    });

    it('softsetAgentTable and softsetInterfaceTable say whose they are', async () => {
      const agents = await place.snmp('table', ['-CB', '-Cf', '|', 'softsetAgentTable']);
      expect(agents.out)
        .to.match(/^io-1\|answering\|/m)
        .and.match(/^switch-a\|answering\|/m);
      const interfaces = await place.snmp('table', ['-CB', '-Ci', '-Cf', '|', 'softsetInterfaceTable']);
      expect(interfaces.out).to.match(/^3000001\|io-1\|1\|lo\|false\|/m);
    });
  });

  describe('an agent that is dead', () => {
    const asked = (context: string) => place.snmp('get', ['-t', '5', '-r', '0', sysName], inContext(context));

    it('says so by an error, then at once, and costs the others nothing; it is back when it answers', async () => {
      const fact = async () => (await place.facts())?.find(({ agent }) => agent === 'switch-a')?.value;
      expect(await fact()).to.equal('own-switch-a');
      await sw.stop();
      expect((await asked('switch-a')).err).to.match(/genError/);
      await until('its facts are unknown', async () => ((await fact()) === null ? true : undefined));
      // Once it is known, a question is not even sent to it.
      const refusals = async () => Number(bare((await place.snmp('get', ['-Oqv', 'softsetAgentRefused.65'])).out));
      const before = await refusals();
      await until('a question is refused at once', async () => {
        expect((await asked('switch-a')).err).to.match(/genError/);
        return (await refusals()) > before ? true : undefined;
      });
      expect((await place.snmp('walk', [sysName], inContext('switch-a'))).err).to.match(/genError/);
      expect((await place.snmp('set', [sysLocation, 's', 'x'], inContext('switch-a'))).err).to.match(/genError/);
      expect(await get('io-1', sysName)).to.equal('own-io-1');
      // What was read of it stays, and is marked.
      const stale = async (object: string, index: number) =>
        bare((await place.snmp('get', ['-Oqv', `${object}.${index}`])).out);
      expect(await stale('softsetInterfaceStale', 65000001)).to.equal('true');
      expect(await stale('softsetInterfaceStale', 3000001)).to.equal('false');
      expect(await stale('softsetAgentState', 65)).to.equal('silent');
      expect(await stale('1.3.6.1.2.1.2.2.1.8', 65000001)).to.equal('4');
      expect(await stale('1.3.6.1.2.1.2.2.1.8', 3000001)).to.not.equal('4');
      await sw.start();
      await until('it is back', async () => ((await get('switch-a', sysName)) === 'own-switch-a' ? true : undefined));
      await until('its facts are known', async () => ((await fact()) === 'own-switch-a' ? true : undefined));
    });

    it('one that hangs (SIGSTOP) is dead as well', async () => {
      sw.signal('SIGSTOP');
      expect((await asked('switch-a')).err).to.match(/genError/);
      expect(await get('io-1', sysName)).to.equal('own-io-1');
      sw.signal('SIGCONT');
      await until('it is back', async () => ((await get('switch-a', sysName)) === 'own-switch-a' ? true : undefined));
    });

    it('one whose board is down by NETRACK is not even asked', async () => {
      await place.netrackd(withIo1('down'));
      await until('it is refused', async () => (/genError/.test((await asked('io-1')).err) ? true : undefined));
      // The agent itself answers all the while: it is NETRACK's word that counts.
      expect((await io1.get(sysName)).code).to.equal(0);
      await place.netrackd(state0());
      await until('it is asked again', async () => ((await get('io-1', sysName)) === 'own-io-1' ? true : undefined));
    });

    it('one that begins anew is found again by v3, with its new boots', async () => {
      await cpu2.stop();
      await cpu2.start();
      await until('its engine began anew, and it answers', async () =>
        (await get('cpu-2', sysName)) === 'own-cpu-2' ? true : undefined,
      );
    });
  });
});
