import { createSocket } from 'node:dgram';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { board, held, state } from '../fixture.js';
import {
  bin,
  community,
  freePort,
  missingTools,
  operator,
  Place,
  run,
  stranger,
  until,
  viewer,
  wrongKey,
  wrongPrivacyKey,
} from './place.js';

const base = 'softsetMIB';
const wanted = (service: string): string => `softsetServiceHolderWanted.'${service}'`;
const order = (program: string): string => `softsetProgramOrder.1.'${program}'`;

describe("SNMP/ag behind Debian's snmpd, with Debian's tools", function () {
  this.timeout(120_000);
  let place: Place;

  before(async function () {
    const missing = missingTools();
    if (missing !== undefined) {
      this.test?.parent?.eachTest((test) => {
        test.pending = true;
      });
      this.skip();
    }
    place = new Place();
    await place.netrackd(state());
    await place.redirectd();
    place.psrmd();
    await place.snmptrapd();
    await place.snmpd();
    place.snmpagd();
    await place.serving();
    await until('psrmd is heard', async () =>
      (await place.status())?.sources.psrmd === 'connected' ? true : undefined,
    );
    await until('redirectd is heard', async () =>
      (await place.status())?.sources.redirectd === 'connected' ? true : undefined,
    );
  });
  after(() => place?.clean());

  const get = async (object: string): Promise<string> => (await place.snmp('get', ['-Oqv', object])).out.trim();
  const set = (...pairs: string[]) => place.snmp('set', pairs);

  describe('looking', () => {
    it('a walk by v3, by v2c and in bulk finds the same, whole', async () => {
      const v3 = await place.snmp('walk', ['-Oqs', base]);
      const v2c = await place.snmp('walk', ['-Oqs', base], community);
      const bulk = await place.snmp('bulkwalk', ['-Cr7', '-Oqs', base], community);
      const names = (text: string) => text.split('\n').map((line) => line.split(' ')[0]);
      expect(v3.code, v3.err).to.equal(0);
      expect(names(v3.out).length).to.be.greaterThan(100);
      expect(names(v2c.out)).to.deep.equal(names(v3.out));
      expect(names(bulk.out)).to.deep.equal(names(v3.out));
    });

    it('snmptable prints boards, links, services and programs', async () => {
      const boards = await place.snmp('table', ['-CB', '-Cf', '|', 'softsetBoardTable']);
      expect(boards.out, boards.err)
        .to.match(/cpu-2\|control\|up\|/)
        .and.match(/io-1\|io\|up\|/);
      const links = await place.snmp('table', ['-CB', '-Cf', '|', 'softsetLinkTable']);
      expect(links.out).to.include('20.1.1.3|b0|up|false');
      const services = await place.snmp('table', ['-CB', '-Ci', '-Cf', '|', 'softsetServiceTable']);
      expect(services.out).to.match(/media.*held\|1\|cpu-1/);
      const programs = await place.snmp('table', ['-CB', '-Ci', '-Cf', '|', 'softsetProgramTable']);
      expect(programs.out).to.match(/lone.*\|up\|/);
      const rules = await place.snmp('table', ['-CB', '-Ci', '-Cf', '|', 'softsetRuleTable']);
      // The column of decisions has a unit, which snmptable prints.
      expect(rules.out).to.contain(
        "\n'board lost'|media.yaml|3 decisions|0|2023-11-14,22:13:20.0,+0:0|board lost [io-1]|done\n",
      );
    });

    it('GETBULK of two columns and three rounds gives six (RFC 3416 §4.2.3)', async () => {
      const said = await place.snmp('bulkget', ['-Cn0', '-Cr3', '-Oqs', 'softsetBoardName', 'softsetBoardState']);
      expect(said.out.trim().split('\n')).to.deep.equal([
        'softsetBoardName.1 cpu-1',
        'softsetBoardState.1 up',
        'softsetBoardName.2 cpu-2',
        'softsetBoardState.2 up',
        'softsetBoardName.3 io-1',
        'softsetBoardState.3 up',
      ]);
    });

    it('what is not there is said so, each by its own word', async () => {
      expect((await place.snmp('get', ['softsetBoardName.9'])).out).to.include('No Such Instance');
      expect((await place.snmp('get', ['softsetMIB.77.1.0'])).out).to.include('No Such Object');
    });

    it('eight walks at once all complete', async () => {
      const walks = await Promise.all(
        Array.from({ length: 8 }, () => place.snmp('bulkwalk', ['-Oqs', base], community)),
      );
      expect(new Set(walks.map(({ code, out }) => `${code} ${out.split('\n').length}`)).size).to.equal(1);
      expect(walks[0]?.code).to.equal(0);
    });

    it('the tables follow what netrackd says', async () => {
      await place.netrackd(state({ boards: [board(1), board(2), board(3, { verdict: 'down' })], term: 3 }));
      await until('board 3 is down', async () => ((await get('softsetBoardState.3')) === 'down' ? true : undefined));
      expect(await get('softsetTerm.0')).to.equal('3');
      await place.netrackd(state());
      await until('it is up again', async () => ((await get('softsetBoardState.3')) === 'up' ? true : undefined));
    });
  });

  describe('who may', () => {
    it('a viewer may look and not SET', async () => {
      expect((await place.snmp('get', ['softsetClusterName.0'], viewer)).code).to.equal(0);
      const said = await place.snmp('set', [order('lone'), 'i', 'restart'], viewer);
      expect(said.err).to.include('noAccess');
      const byCommunity = await place.snmp('set', [order('lone'), 'i', 'restart'], community);
      expect(byCommunity.err).to.include('noAccess');
    });

    /** Counters of what snmpd refused (RFC 3413 §4.1.2, RFC 3414 §5), which an operator may see. */
    const counted = async (oid: string) =>
      Number((await place.snmp('get', ['-Oqvn', `1.3.6.1.6.3.${oid}`])).out.trim());

    for (const [title, who, says, counter] of [
      ['a wrong key of authentication', wrongKey, /Authentication failure/, '15.1.1.5.0'],
      ['an unknown user', stranger, /Unknown user name/, '15.1.1.3.0'],
    ] as const) {
      it(`${title} gets its report, and is counted`, async () => {
        const before = await counted(counter);
        expect((await place.snmp('get', ['softsetTerm.0'], who)).err).to.match(says);
        expect(await counted(counter)).to.be.greaterThan(before);
      });
    }

    it('a wrong key of privacy is told nothing: what AES makes of it is no PDU (RFC 3412 §7.2)', async () => {
      const said = await place.snmp('get', ['-r', '0', '-t', '0.5', 'softsetTerm.0'], wrongPrivacyKey);
      expect(said.err).to.match(/Timeout/);
    });

    it('an unknown context is told nothing, and is counted', async () => {
      const before = await counted('12.1.5.0');
      const said = await place.snmp('get', ['-r', '0', '-t', '0.5', 'softsetTerm.0'], [...operator, '-n', 'io-9']);
      expect(said.out).to.not.include('softsetTerm.0 = ');
      expect(await counted('12.1.5.0')).to.equal(before + 1);
    });

    it('there are no default communities', async () => {
      for (const name of ['public', 'private', 'softset']) {
        expect((await place.snmp('get', ['-r', '0', '-t', '0.5', 'softsetTerm.0'], ['-v2c', '-c', name])).err).to.match(
          /Timeout/,
        );
      }
    });
  });

  describe('steering', () => {
    const pid = () => get(`softsetProgramPid.1.'lone'`);

    it('restarts, stops and starts a real program, and each SET is in the journal', async () => {
      const first = await until('it runs', async () => (Number(await pid()) > 0 ? pid() : undefined));
      expect((await set(order('lone'), 'i', 'restart')).err).to.equal('');
      await until('another process', async () => {
        const now = await pid();
        return now !== first && now !== '0' ? true : undefined;
      });
      expect((await set(order('lone'), 'i', 'stop')).err).to.equal('');
      await until('stopped', async () =>
        (await get(`softsetProgramState.1.'lone'`)) === 'stopped' ? true : undefined,
      );
      expect((await set(order('lone'), 'i', 'start')).err).to.equal('');
      await until('up', async () => ((await get(`softsetProgramState.1.'lone'`)) === 'up' ? true : undefined));
      await until('the journal has it', () => {
        const done = place.journal().filter(({ what }) => what === 'set-done');
        const orders = done.map(({ fields }) => (fields.change as { order: string }).order);
        return orders.join() === 'restart,stop,start' ? true : undefined;
      });
    });

    it('orders a program of another board by way of netrackd; what that refuses is refused', async () => {
      const echo = `softsetProgramOrder.2.'echo'`;
      place.asked.length = 0;
      expect((await set(echo, 'i', 'restart')).err).to.equal('');
      expect((await set(echo, 'i', 'stop', wanted('media'), 'u', '2')).err).to.equal('');
      const asked = { board: 'cpu-2', program: 'echo' };
      expect(place.asked).to.deep.equal([
        { ...asked, order: 'restart' },
        { ...asked, order: 'stop' },
      ]);
      place.orderFails = true;
      const said = await set(wanted('media'), 'u', '2', echo, 'i', 'stop');
      place.orderFails = false;
      expect(said.err).to.include('commitFailed');
      expect(place.moves.at(-1), 'the other part is undone').to.deep.equal({ service: 'media', board: 'cpu-1' });
    });

    it('moves a service', async () => {
      place.moves.length = 0;
      expect((await set(wanted('media'), 'u', '2')).err).to.equal('');
      expect(place.moves).to.deep.equal([{ service: 'media', board: 'cpu-2' }]);
    });

    it('takes a board into maintenance, drains it, makes it a spare and gives it work again, by name', async () => {
      place.asked.length = 0;
      for (const admin of ['maintenance', 'drained', 'standby', 'active']) {
        expect((await set('softsetBoardAdmin.2', 'i', admin)).err).to.equal('');
      }
      const board = 'cpu-2';
      expect(place.asked).to.deep.equal([
        { kind: 'maintenance', board },
        { kind: 'drain', board },
        { kind: 'standby', board },
        { kind: 'activate', board },
      ]);
    });

    const alarm = {
      object: 'service/web',
      cause: 'SERVICE_RESTS',
      severity: 'major',
      text: 'rests',
      raisedAtMs: 0,
      raisedBy: 1,
    } as const;
    async function numberOf(): Promise<string> {
      await place.netrackd(state({ alarms: [alarm] }));
      const number = await until(
        'the alarm stands',
        async () => /softsetAlarmCause\.(\d+)/.exec((await place.snmp('walk', ['-Oqs', 'softsetAlarmCause'])).out)?.[1],
      );
      return `softsetAlarmOrder.${number}`;
    }

    it('clears an alarm, and the journal says who', async () => {
      const row = await numberOf();
      place.asked.length = 0;
      expect((await set('softsetAlarmOrder.4711', 'i', 'clear')).err, 'one that does not stand').to.include(
        'noCreation',
      );
      expect((await set(row, 'i', 'none')).err).to.include('wrongValue');
      expect(place.asked).to.deep.equal([]);
      expect((await set(row, 'i', 'clear')).err).to.equal('');
      expect(place.asked).to.deep.equal([{ kind: 'alarm-clear', object: alarm.object, cause: alarm.cause }]);
      const done = await until('the journal has it', () =>
        place
          .journal()
          .find(
            ({ what, fields }) => what === 'set-done' && (fields.change as { kind: string }).kind === 'alarm-clear',
          ),
      );
      expect(done.who).to.include({ user: 'operator' });
      await place.netrackd(state());
    });

    it('an alarm that was cleared and a board that was drained are as before when the third part fails', async () => {
      const row = await numberOf();
      place.asked.length = 0;
      place.moveFails = true;
      const said = await set(row, 'i', 'clear', 'softsetBoardAdmin.2', 'i', 'drained', wanted('media'), 'u', '2');
      place.moveFails = false;
      expect(said.err).to.include('commitFailed');
      expect(place.asked).to.deep.equal([
        { kind: 'alarm-clear', object: alarm.object, cause: alarm.cause },
        { kind: 'drain', board: 'cpu-2' },
        { kind: 'activate', board: 'cpu-2' },
        { alarm },
      ]);
      await place.netrackd(state());
    });

    for (const [title, pairs, error] of [
      ['a board outside of the pool', [wanted('media'), 'u', '3'], 'inconsistentValue'],
      ['a board that there is not', [wanted('media'), 'u', '9'], 'wrongValue'],
      ['a row that there is not', [`softsetServiceHolderWanted.'nothing'`, 'u', '1'], 'noCreation'],
      ['what only can be read', ['softsetTerm.0', 'u', '1'], 'notWritable'],
      ['no state of a board', ['softsetBoardAdmin.2', 'i', '5'], 'wrongValue'],
      [
        'all boards of a pool on standby',
        ['softsetBoardAdmin.1', 'i', '4', 'softsetBoardAdmin.2', 'i', '4'],
        'inconsistentValue',
      ],
      ['a board that there is not, drained', ['softsetBoardAdmin.9', 'i', '3'], 'noCreation'],
      ['no order at all', [order('lone'), 'i', '1'], 'wrongValue'],
    ] as const) {
      it(`${title}: ${error}, and nothing is done`, async () => {
        place.moves.length = 0;
        const said = await set(...pairs, ...(pairs[0].includes('media') ? [] : [wanted('web'), 'u', '1']));
        expect(said.err).to.include(error);
        expect(place.moves).to.deep.equal([]);
      });
    }

    it('one part that fails undoes the others: the program that was stopped runs again', async () => {
      const before = await pid();
      place.moveFails = true;
      const said = await set(order('lone'), 'i', 'stop', wanted('media'), 'u', '2');
      place.moveFails = false;
      expect(said.err).to.include('commitFailed');
      const after = await until('it runs again', async () => {
        const now = await pid();
        return now !== '0' && now !== before ? now : undefined;
      });
      expect(Number(after)).to.be.greaterThan(0);
      const undone = await until('journal', () =>
        place
          .journal()
          .find(({ what, fields }) => what === 'set-undone' && (fields.change as { kind: string }).kind === 'program'),
      );
      expect(undone.fields.change).to.include({ order: 'start', program: 'lone' });
    });

    it('a recorded SET that is played again after a restart of snmpd is refused: its boots are of an old life', async () => {
      const recorded: Buffer[] = [];
      const reports: Buffer[] = [];
      const proxy = createSocket('udp4');
      const up = createSocket('udp4');
      const proxyPort = freePort();
      let from: { port: number; address: string } | undefined;
      proxy.on('message', (bytes, who) => {
        from = who;
        recorded.push(bytes);
        up.send(bytes, place.port, '127.0.0.1');
      });
      up.on('message', (bytes) => {
        reports.push(bytes);
        if (from) proxy.send(bytes, from.port, from.address);
      });
      await new Promise<void>((resolve) => proxy.bind(proxyPort, '127.0.0.1', resolve));
      const raw = '1.3.6.1.4.1.8072.9999.9999.7413.5.1.1.11.109.101.100.105.97';
      place.moves.length = 0;
      const said = await run('snmpset', [...operator, `127.0.0.1:${proxyPort}`, raw, 'u', '2']);
      expect(said.code, said.err).to.equal(0);
      expect(place.moves).to.have.length(1);
      // Doubled at once it is still timely (RFC 3414 §3.2: 150 s); after a restart it never is again.
      await place.stopSnmpd();
      await place.snmpd();
      await place.serving();
      place.moves.length = 0;
      reports.length = 0;
      for (const bytes of recorded) up.send(bytes, place.port, '127.0.0.1');
      // In a report that is authenticated and not encrypted: usmStatsNotInTimeWindows (RFC 3414 §3.2 step 7).
      await until('it is reported', () =>
        reports.some((bytes) => bytes.includes(Buffer.from('2b060106030f01010200', 'hex'))) ? true : undefined,
      );
      const fresh = await place.snmp('set', [wanted('media'), 'u', '1']);
      expect(fresh.code, fresh.err).to.equal(0);
      expect(place.moves).to.deep.equal([{ service: 'media', board: 'cpu-1' }]);
      proxy.close();
      up.close();
      const kept = readFileSync(join(place.stateDir, 'snmpd/snmpd.conf'), 'utf8');
      expect(Number(/^engineBoots (\d+)$/m.exec(kept)?.[1])).to.be.greaterThan(1);
    });
  });

  describe('telling', () => {
    const told = (what: RegExp) => until(`${what} is told`, () => (what.test(place.traps) ? true : undefined));

    it('a service that moved: from, to and cause, by v3 and by v2c', async () => {
      await place.netrackd(state());
      place.traps = '';
      await place.netrackd(state({ services: [{ ...held('media', 2, 2), cause: 'cpu-1 is down' }, held('web', 2)] }));
      await until('told twice, once to each receiver', () => {
        const lines = place.traps.split('\n').filter((line) => line.includes('softsetServiceMoved'));
        return lines.length >= 2 ? true : undefined;
      });
      const [line = ''] = place.traps.split('\n').filter((one) => one.includes('softsetServiceMoved'));
      expect(line)
        .to.match(/softsetNotifyFrom\.0 = STRING: "?cpu-1/)
        .and.match(/softsetServiceHolderName\.'media' = STRING: "?cpu-2/);
      expect(line).to.include('cpu-1 is down');
      expect(place.traps)
        .to.match(/TRAP2, SNMP v3, user operator/)
        .and.match(/TRAP2, SNMP v2c, community lab-only/);
    });

    it('a board down and up, a link, a network, quorum, an alarm raised and cleared, and the want of a spare', async () => {
      await place.netrackd(state());
      const alarm = {
        object: 'service/web',
        cause: 'SERVICE_RESTS',
        severity: 'major',
        text: 'rests',
        raisedAtMs: 0,
        raisedBy: 1,
      } as const;
      for (const [news, what] of [
        [state({ boards: [board(1), board(2), board(3, { verdict: 'down' })] }), /softsetBoardDown/],
        [state(), /softsetBoardUp/],
        [state({ boards: [board(1), board(2, { paths: { A: true, B: false } }), board(3)] }), /softsetLinkDown/],
        [state(), /softsetLinkUp/],
        [
          state({ faults: [{ kind: 'network-failed', target: 'A', sinceMs: 0, evidence: 'nobody' }] }),
          /softsetNetworkFailed/,
        ],
        [state({ quorum: { present: 1, needed: 2, votes: 3 } }), /softsetQuorumLost/],
        [state({ alarms: [alarm] }), /softsetAlarmRaised/],
        [state(), /softsetAlarmCleared/],
        [
          state({ alarms: [{ ...alarm, cause: 'NO_SPARE' }] }),
          /softsetNoSpare.*softsetNotifyTarget\.0 = STRING: "?service\/web/,
        ],
      ] as const) {
        place.traps = '';
        await place.netrackd(news);
        await told(what);
      }
    });
  });

  describe('trouble', () => {
    it('snmpd killed while it is walked: snmpagd is back, and what happened meanwhile is told', async () => {
      await place.netrackd(state());
      const walks = Array.from({ length: 4 }, () => place.snmp('walk', ['-Oqs', base], community));
      await place.stopSnmpd('SIGKILL');
      await until('it is seen', async () => ((await place.status())?.session === 'serving' ? undefined : true));
      place.traps = '';
      await place.netrackd(state({ boards: [board(1), board(2), board(3, { verdict: 'down' })] }));
      await until('it waits', async () => ((await place.status())?.notifications.waiting === 1 ? true : undefined));
      await Promise.all(walks);
      await place.snmpd();
      await place.serving();
      expect(await get('softsetBoardState.3')).to.equal('down');
      await until('told', () => (place.traps.includes('softsetBoardDown') ? true : undefined));
      await place.netrackd(state());
    });

    it('snmpagd killed: its objects are gone at once, and there again with its next life', async () => {
      const child = place.snmpagd();
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(code, 'a second one is refused').to.equal(1);
      expect(place.snmpagdSaid).to.include('two snmpagd were started');
    });
  });

  describe('its files', () => {
    it('what holds secrets is for the owner alone, and what is exposed is refused with the cure', async () => {
      expect(statSync(join(place.runDir, 'snmpd.conf')).mode & 0o777).to.equal(0o600);
      place.secret('viewer.pass', 'viewer-secret\n', 0o644);
      const exposed = await place.conf();
      expect(exposed.code).to.equal(1);
      expect(exposed.err).to.include('viewer.pass: mode 0644').and.include('chmod 0600');
      place.secret('viewer.pass', 'short\n');
      expect((await place.conf()).err).to.include('at least 8');
      place.secret('viewer.pass', 'viewer"secret\n');
      expect((await place.conf()).err).to.include('printable ASCII');
      place.secret('viewer.pass', 'viewer-secret\n');
      expect(readFileSync(join(place.runDir, 'snmpd.conf'), 'utf8')).to.not.match(/public|private|short/);
    });

    /** In place of Node: a front that asks it ends with its code. */
    let none = '';
    before(() => {
      none = join(place.folder, 'none');
      writeFileSync(none, '#!/bin/sh\nexit 42\n', { mode: 0o755 });
    });

    it('where nothing changed a front needs nothing but a shell; where anything did, all is made anew', async () => {
      await place.stopSnmpd();
      await place.snmpd();
      await place.stopSnmpd('SIGKILL');
      await place.snmpd(none);
      await place.serving();
      await place.stopSnmpd();
      await place.snmpd(none);
      await place.serving();
      const text = readFileSync(place.file, 'utf8');
      for (const [what, change, back] of [
        [
          'the cluster file',
          () => writeFileSync(place.file, `${text}# another\n`),
          () => writeFileSync(place.file, text),
        ],
        ['a secret', () => place.secret('community', 'other-only\n'), () => place.secret('community', 'lab-only\n')],
        ['what was made', () => rmSync(join(place.runDir, 'snmpd.conf')), () => place.conf()],
        ['what it says of that', () => writeFileSync(join(place.runDir, 'snmpd.front'), '# half'), () => place.conf()],
        [
          'a secret that is gone',
          () => rmSync(join(place.folder, 'community')),
          () => place.secret('community', 'lab-only\n'),
        ],
      ] as const) {
        change();
        expect((await place.front(none)).code, what).to.equal(42);
        await back();
      }
      const said = await run(
        bin('snmpagd-front'),
        place.args().map((word) => (word === 'cpu-1' ? 'cpu-2' : word)),
        {
          SOFTSET_NODE: none,
        },
      );
      expect(said.code, 'another board').to.equal(42);
    });

    it('a user whom snmpd kept with an old passphrase does not come back, though the file was made before snmpd ended', async () => {
      const old = 'viewer-secret';
      await place.serving();
      place.secret('viewer.pass', 'newer-secret\n');
      expect((await place.conf()).code).to.equal(0);
      await place.stopSnmpd();
      expect(readFileSync(join(place.stateDir, 'snmpd/snmpd.conf'), 'utf8'), 'it keeps users').to.match(/usmUser/);
      await place.snmpd(none);
      await place.serving();
      const by = (secret: string) => viewer.map((word) => (word === old ? secret : word));
      expect((await place.snmp('get', ['softsetTerm.0'], by(old))).err).to.match(/Authentication failure/);
      expect((await place.snmp('get', ['softsetTerm.0'], by('newer-secret'))).code).to.equal(0);
      place.secret('viewer.pass', `${old}\n`);
      await place.stopSnmpd();
      await place.snmpd();
      await place.serving();
    });

    it('a passphrase is changed by its file while all runs: within seconds the new one counts and the old one is refused', async () => {
      const by = (secret: string) => viewer.map((word) => (word === 'viewer-secret' ? secret : word));
      const walks = Array.from({ length: 6 }, () => place.snmp('walk', ['-Oqs', base], community));
      place.secret('viewer.pass', 'changed-secret\n');
      await until('the new one counts', async () =>
        (await place.snmp('get', ['softsetTerm.0'], by('changed-secret'))).code === 0 ? true : undefined,
      );
      expect((await place.snmp('get', ['softsetTerm.0'], viewer)).err).to.match(/Authentication failure/);
      expect(
        (await Promise.all(walks)).map(({ code }) => code),
        'walks go on',
      ).to.deep.equal([0, 0, 0, 0, 0, 0]);
      expect(place.snmpdLives, 'by the same snmpd').to.equal(true);
      expect((await place.status())?.session).to.equal('serving');
      expect((await set(order('lone'), 'i', 'restart')).err).to.equal('');
      const told = place.journal().filter(({ what }) => what === 'secrets-read');
      expect(told.at(-1)?.fields).to.deep.equal({ snmpd: 'told' });
      expect(JSON.stringify(told)).to.not.include('changed-secret');
      // What is exposed is not taken, and what counted counts.
      place.secret('viewer.pass', 'exposed-secret\n', 0o644);
      await until('it is said', () => (place.snmpagdSaid.includes('SECRET_EXPOSED') ? true : undefined));
      expect((await place.snmp('get', ['softsetTerm.0'], by('changed-secret'))).code).to.equal(0);
      place.secret('viewer.pass', 'viewer-secret\n');
      await until('the first one counts again', async () =>
        (await place.snmp('get', ['softsetTerm.0'], viewer)).code === 0 ? true : undefined,
      );
    });

    it('a passphrase is changed by its file and a restart of snmpd; the old one is refused', async () => {
      place.secret('viewer.pass', 'another-secret\n');
      await place.stopSnmpd();
      await place.snmpd();
      await place.serving();
      expect((await place.snmp('get', ['softsetTerm.0'], viewer)).err).to.match(/Authentication failure/);
      const fresh = viewer.map((word) => (word === 'viewer-secret' ? 'another-secret' : word));
      expect((await place.snmp('get', ['softsetTerm.0'], fresh)).code).to.equal(0);
    });
  });
});

describe('SNMP/ag and snmpd over TCP', function () {
  this.timeout(60_000);
  it('meet on loopback just as well', async function () {
    // Debian's agent and tools are what it is about.
    if (missingTools() !== undefined) this.skip();
    const place = new Place(`tcp:127.0.0.1:${freePort()}`);
    try {
      place.snmpagd();
      await place.snmpd();
      await place.serving();
      const said = await place.snmp('get', ['-Oqv', 'softsetNetrackSource.0']);
      expect(said.out.trim(), said.err).to.equal('never');
    } finally {
      await place.clean();
    }
  });
});
