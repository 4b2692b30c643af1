import type { Alarm, NetrackState } from '@softset/protocol';
import { ERROR, errorName } from '@softset/snmpag/core/agentx/errors.js';
import type { Value } from '@softset/snmpag/core/agentx/value.js';
import { mergedInterfaces } from '@softset/snmpag/core/entity/merged-interfaces.js';
import { MibView } from '@softset/snmpag/core/mib/view.js';
import { octetsOf, textOf } from '@softset/snmpag/core/octets.js';
import { beginCommit, test } from '@softset/snmpag/core/set/transactions.js';
import { textIndex } from '@softset/snmpag/core/smi/bind.js';
import { dateAndTime } from '@softset/snmpag/core/smi/date-and-time.js';
import { aggregatorLeaves } from '@softset/snmpag/core/softset/aggregator-leaves.js';
import { noAlarmNumbers, numberAlarms } from '@softset/snmpag/core/softset/alarm-numbers.js';
import { BASE_OID } from '@softset/snmpag/core/softset/base-oid.js';
import { type Facts, gone, heard, nothingKnown } from '@softset/snmpag/core/softset/facts.js';
import { softsetMib } from '@softset/snmpag/core/softset/mib/module.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import { noSpans, serviceSpans } from '@softset/snmpag/core/softset/spans.js';
import { softsetLeaves } from '@softset/snmpag/core/softset/tables.js';
import { inverse } from '@softset/snmpag/core/softset/writers.js';
import { expect } from 'chai';
import { behind } from '../behind-facts.js';
import { board, cluster, facts, state } from '../fixture.js';

const alarm = (cause: string): Alarm => ({
  object: 'service/media',
  cause,
  severity: 'major',
  text: 'somebody else answers',
  raisedAtMs: 1_700_000_000_123,
  raisedBy: 2,
});

const remembered = (given: NetrackState | undefined) => ({
  numbers: numberAlarms(noAlarmNumbers, given?.alarms ?? []),
  spans: given === undefined ? noSpans : serviceSpans(noSpans, given),
});

function at(given: Facts, name: string, ...index: readonly (string | number)[]): Value {
  const view = new MibView(softsetLeaves(given, remembered(given.netrack.value), () => 6000));
  const subids = index.flatMap((one) => (typeof one === 'number' ? [one] : textIndex(one, true)));
  return view.get([...(objectOid(name) ?? []), ...subids]).value;
}
const plain = (value: Value): unknown =>
  value.type === 'octets' ? textOf(value.value) : 'value' in value ? value.value : value.type;

describe('the tables of SOFTSET-MIB', () => {
  const all = facts({ netrack: { connection: 'connected', value: state({ alarms: [alarm('ADDRESS_IN_USE')] }) } });
  for (const [name, index, wanted] of [
    ['softsetClusterName', [0], 'chassis'],
    ['softsetReportingBoard', [0], 'cpu-1'],
    ['softsetQuorum', [0], 1],
    ['softsetBoardsUp', [0], 3],
    ['softsetServicesHeld', [0], 2],
    ['softsetNetrackSource', [0], 1],
    ['softsetNetrackAge', [0], 0],
    ['softsetBoardName', [3], 'io-1'],
    ['softsetBoardState', [1], 2],
    ['softsetBoardStateAge', [2], 500],
    ['softsetBoardPath', [2], 2],
    ['softsetBoardDaemons', [2], '\xe0'],
    ['softsetLinkAddress', [2, 2], '20.1.1.2'],
    ['softsetLinkPath', [2, 2], 2],
    ['softsetLinkChosen', [2, 2], 2],
    ['softsetProgramState', [1, 'echo'], 5],
    ['softsetProgramPid', [1, 'echo'], 4242],
    ['softsetProgramState', [2, 'echo'], 4],
    ['softsetProgramRestarts', [2, 'echo'], 2],
    ['softsetProgramPid', [2, 'echo'], 'no-such-instance'],
    ['softsetProgramStateAge', [2, 'echo'], 'no-such-instance'],
    ['softsetProgramOrder', [2, 'echo'], 1],
    ['softsetProgramLastEnd', [1, 'lone'], 'exit 1'],
    ['softsetProgramState', [2, 'lone'], 'no-such-instance'],
    ['softsetServiceHolderName', ['media'], 'cpu-1'],
    ['softsetServiceHolderWanted', ['media'], 0],
    ['softsetServiceResting', ['web'], 1],
    ['softsetServiceTakeover', ['web'], 2],
    ['softsetServiceAge', ['web'], 100],
    ['softsetAddressLease', [5, ...octetsOf('media'), 2], 250],
    ['softsetPoolBoardName', [3, 119, 101, 98, 1], 'cpu-2'],
    ['softsetAddressText', [5, ...octetsOf('media'), 2], '2001:db8::1'],
    ['softsetAddressHolder', [5, ...octetsOf('media'), 2], 1],
    ['softsetDhcpSource', [0], 1],
    ['softsetDhcpPortAddresses', ['sw-a/p1'], '10.1.1.1'],
    ['softsetDhcpLeaseMac', ['10.1.1.1'], '02:00:0a:01:01:01'],
    ['softsetDhcpConflictBy', ['10.1.1.9'], ''],
    ['softsetRulesLoaded', [0], 2],
    ['softsetRulesRefused', [0], ''],
    ['softsetRuleFired', ['board lost'], 3],
    ['softsetRuleLastInstance', ['board lost'], 'board lost [io-1]'],
    ['softsetRuleLastOutcome', ['board lost'], 3],
    ['softsetRuleLastAt', ['quiet'], 'no-such-instance'],
    ['softsetRuleLastOutcome', ['quiet'], 1],
    ['softsetAlarmOrder', [1], 1],
    ['softsetAlarmCause', [1], 'ADDRESS_IN_USE'],
    ['softsetAlarmSeverity', [1], 4],
  ] as const) {
    it(`${name}.${index.join('.')} is ${wanted}`, () => {
      expect(plain(at(all, name, ...index))).to.equal(wanted);
    });
  }

  it('without any daemon the configuration is there, the rest is unknown or has no instance', () => {
    const bare = nothingKnown(cluster, facts().board);
    expect(plain(at(bare, 'softsetNetrackSource', 0))).to.equal(3);
    expect(plain(at(bare, 'softsetBoardState', 2))).to.equal(1);
    expect(plain(at(bare, 'softsetServicePhase', 'media'))).to.equal(1);
    expect(plain(at(bare, 'softsetTerm', 0))).to.equal('no-such-instance');
    expect(plain(at(bare, 'softsetNetrackAge', 0))).to.equal('no-such-instance');
  });

  it('when netrackd goes away, what it said last stays, with its age', () => {
    const lost = { ...all, netrack: gone(all.netrack, 4000) };
    expect(plain(at(lost, 'softsetNetrackSource', 0))).to.equal(2);
    expect(plain(at(lost, 'softsetNetrackAge', 0))).to.equal(200);
    expect(plain(at(lost, 'softsetBoardState', 3))).to.equal(2);
    expect(gone(lost.netrack, 9000), 'lost once').to.equal(lost.netrack);
  });

  it('a word that the MIB does not have is no instance, not a wrong one', () => {
    const odd = state({ boards: [board(1), board(2, { verdict: 'asleep' as never }), board(3)] });
    expect(plain(at(facts({ netrack: { connection: 'connected', value: odd } }), 'softsetBoardState', 2))).to.equal(
      'no-such-instance',
    );
  });

  it('every object that can be read has a reader: a walk finds each column that has rows', () => {
    const fault = { kind: 'one-way', target: 'cpu-2:A', sinceMs: 0, evidence: 'e' } as const;
    const full = facts({
      netrack: { connection: 'connected', value: state({ alarms: [alarm('X')], faults: [fault] }) },
    });
    for (const group of softsetMib.groups.filter(({ name }) => name !== 'softsetNotifyObjects')) {
      const objects = [...Object.entries(group.scalars), ...group.tables.flatMap((t) => Object.entries(t.columns))];
      for (const [name, { access }] of objects) {
        if (access === 'index') continue;
        const oid = objectOid(name) ?? [];
        const view = new MibView([
          ...softsetLeaves(full, remembered(full.netrack.value), () => 6000),
          ...aggregatorLeaves([behind], mergedInterfaces([behind]), () => 6000),
        ]);
        const { name: found } = view.next({
          start: oid,
          include: false,
          end: [...oid.slice(0, -1), (oid.at(-1) ?? 0) + 1],
        });
        expect(found.length, name).to.be.greaterThan(oid.length);
      }
    }
  });

  it('alarms keep their numbers, and a number never comes back', () => {
    const first = numberAlarms(noAlarmNumbers, [alarm('A'), alarm('B')]);
    const second = numberAlarms(first, [alarm('B'), alarm('C')]);
    expect([...second.byKey.values()]).to.deep.equal([2, 3]);
    expect([...numberAlarms(second, [alarm('A')]).byKey.values()]).to.deep.equal([4]);
  });

  it('DateAndTime of an instant, in UTC (RFC 2579)', () => {
    // 2023-11-14 22:13:20.1, and the leap day of 2000.
    expect([...dateAndTime(1_700_000_000_123)]).to.deep.equal([7, 231, 11, 14, 22, 13, 20, 1, 43, 0, 0]);
    for (const text of ['2000-02-29T23:59:59.900Z', '1970-01-01T00:00:00.000Z', '2100-03-01T00:00:00.000Z']) {
      const when = new Date(text);
      const octets = dateAndTime(when.getTime());
      expect([(octets[0] ?? 0) * 256 + (octets[1] ?? 0), octets[2], octets[3], octets[4]], text).to.deep.equal([
        when.getUTCFullYear(),
        when.getUTCMonth() + 1,
        when.getUTCDate(),
        when.getUTCHours(),
      ]);
    }
  });
});

describe('what may be SET, and what is said otherwise', () => {
  function set(given: Facts, name: string, index: readonly (string | number)[], value: Value) {
    const view = new MibView(softsetLeaves(given, remembered(given.netrack.value), () => 0));
    const oid = [
      ...(objectOid(name) ?? []),
      ...index.flatMap((one) => (typeof one === 'number' ? [one] : textIndex(one, true))),
    ];
    const leaf = view.leafOf(oid);
    const found = leaf?.rows.find(oid, leaf.oid.length) ?? -1;
    const written = leaf?.write?.(leaf.rows.row(found), value);
    if (written === undefined) return 'notWritable';
    return written.ok ? written.change : Object.entries(ERROR).find(([, number]) => number === written.error)?.[0];
  }
  const order = (value: number): Value => ({ type: 'integer', value });
  const wanted = (value: number): Value => ({ type: 'gauge32', value });
  const without = (part: keyof Facts): Facts => ({ ...facts(), [part]: gone(facts().psrm, 0) }) as Facts;
  const down = facts({
    netrack: { connection: 'connected', value: state({ boards: [board(1), board(2, { verdict: 'down' })] }) },
  });
  const alarmed = facts({ netrack: { connection: 'connected', value: state({ alarms: [alarm('A')] }) } });
  const headless = facts({ netrack: { connection: 'connected', value: state({ director: 0 }) } });

  const echoed = (part: Parameters<typeof board>[1]) =>
    facts({ netrack: heard(state({ boards: [board(1), board(2, part), board(3)] })) });
  const mute = echoed({ daemons: ['netrackd', 'redirectd'] });
  const blank = echoed({ programs: [] });
  const spare = facts({ netrack: heard(state({ boards: [board(1), board(2, { admin: 'standby' }), board(3)] })) });

  for (const [title, outcome, found] of [
    [
      'start',
      { kind: 'program', program: 'lone', board: 'cpu-1', here: true, order: 'start', wanted: true },
      set(facts(), 'softsetProgramOrder', [1, 'lone'], order(2)),
    ],
    ['no order', 'wrongValue', set(facts(), 'softsetProgramOrder', [1, 'lone'], order(1))],
    ['another type', 'wrongType', set(facts(), 'softsetProgramOrder', [1, 'lone'], wanted(2))],
    [
      'a program of another board',
      { kind: 'program', program: 'echo', board: 'cpu-2', here: false, order: 'stop', wanted: true },
      set(facts(), 'softsetProgramOrder', [2, 'echo'], order(3)),
    ],
    ['one of a board that is down', 'resourceUnavailable', set(down, 'softsetProgramOrder', [2, 'echo'], order(3))],
    ['one of a board without psrmd', 'resourceUnavailable', set(mute, 'softsetProgramOrder', [2, 'echo'], order(3))],
    ['one that its board does not know', 'inconsistentValue', set(blank, 'softsetProgramOrder', [2, 'echo'], order(3))],
    [
      'one of another board, without netrackd',
      'resourceUnavailable',
      set(facts({ netrack: gone(facts().netrack, 0) }), 'softsetProgramOrder', [2, 'echo'], order(3)),
    ],
    ['psrmd away', 'resourceUnavailable', set(without('psrm'), 'softsetProgramOrder', [1, 'lone'], order(2))],
    ['its state', 'notWritable', set(facts(), 'softsetProgramState', [1, 'lone'], order(2))],
    [
      'a move',
      { kind: 'move', service: 'media', to: 'cpu-2', from: 'cpu-1' },
      set(facts(), 'softsetServiceHolderWanted', ['media'], wanted(2)),
    ],
    [
      'a board outside of the pool',
      'inconsistentValue',
      set(facts(), 'softsetServiceHolderWanted', ['media'], wanted(3)),
    ],
    ['no such board', 'wrongValue', set(facts(), 'softsetServiceHolderWanted', ['media'], wanted(9))],
    ['a board that is down', 'inconsistentValue', set(down, 'softsetServiceHolderWanted', ['media'], wanted(2))],
    ['no director', 'resourceUnavailable', set(headless, 'softsetServiceHolderWanted', ['media'], wanted(2))],
    [
      'redirectd away',
      'resourceUnavailable',
      set(without('redirect'), 'softsetServiceHolderWanted', ['media'], wanted(2)),
    ],
    ['INTEGER for a board', 'wrongType', set(facts(), 'softsetServiceHolderWanted', ['media'], order(2))],
    [
      'maintenance',
      { kind: 'admin', board: 'cpu-2', to: 'maintenance', from: 'in-service' },
      set(facts(), 'softsetBoardAdmin', [2], order(2)),
    ],
    [
      'standby',
      { kind: 'admin', board: 'cpu-2', to: 'standby', from: 'in-service' },
      set(facts(), 'softsetBoardAdmin', [2], order(4)),
    ],
    [
      'active again',
      { kind: 'admin', board: 'cpu-2', to: 'in-service', from: 'standby' },
      set(spare, 'softsetBoardAdmin', [2], order(1)),
    ],
    ['no state of a board', 'wrongValue', set(facts(), 'softsetBoardAdmin', [2], order(5))],
    ['a state in another type', 'wrongType', set(facts(), 'softsetBoardAdmin', [2], wanted(2))],
    ['a drain without director', 'resourceUnavailable', set(headless, 'softsetBoardAdmin', [2], order(3))],
    ['a drain without redirectd', 'resourceUnavailable', set(without('redirect'), 'softsetBoardAdmin', [2], order(3))],
    ['a board nobody has told of', 'inconsistentValue', set(down, 'softsetBoardAdmin', [3], order(3))],
    ['an alarm cleared', { kind: 'alarm-clear', alarm: alarm('A') }, set(alarmed, 'softsetAlarmOrder', [1], order(2))],
    ['an alarm ordered to be none', 'wrongValue', set(alarmed, 'softsetAlarmOrder', [1], order(1))],
    [
      'an alarm without netrackd',
      'resourceUnavailable',
      set({ ...alarmed, netrack: gone(alarmed.netrack, 0) }, 'softsetAlarmOrder', [1], order(2)),
    ],
  ] as const) {
    it(`${title}: ${typeof outcome === 'string' ? outcome : 'done'}`, () => {
      expect(found).to.deep.equal(outcome);
    });
  }

  describe('softsetBoardAdmin of several boards at once', () => {
    const view = (given: Facts) => new MibView(softsetLeaves(given, remembered(given.netrack.value), () => 0));
    const name = (id: number) => [...(objectOid('softsetBoardAdmin') ?? []), id];
    const verdict = (given: Facts, ...pairs: (readonly [number, number])[]) => {
      const varbinds = pairs.map(([id, to]) => ({ name: name(id), value: order(to) }));
      const { transactions, error, index } = test(new Map(), 'a', varbinds, view(given), 0);
      if (error !== 0) return { error: errorName(error), index };
      return (beginCommit(transactions, 'a')?.changes ?? []).map(({ change }) => {
        const { board: of, to } = change as { board: string; to: string };
        return `${of} ${to}`;
      });
    };

    it('the last active board of a pool cannot stand by', () => {
      expect(verdict(spare, [1, 4])).to.deep.equal({ error: 'inconsistentValue', index: 1 });
      expect(verdict(spare, [2, 4]), 'it does already').to.deep.equal(['cpu-2 standby']);
    });

    it('nor can all of them, in one SET: nothing of it is done', () => {
      expect(verdict(facts(), [1, 4], [2, 4])).to.deep.equal({ error: 'inconsistentValue', index: 1 });
      expect(verdict(facts(), [2, 3], [1, 4])).to.deep.equal({ error: 'inconsistentValue', index: 2 });
    });

    it('two change places in one SET, in whichever order they are named: who becomes active does so first', () => {
      for (const pairs of [
        [
          [1, 4],
          [2, 1],
        ],
        [
          [2, 1],
          [1, 4],
        ],
      ] as const) {
        expect(verdict(spare, ...pairs)).to.deep.equal(['cpu-2 in-service', 'cpu-1 standby']);
      }
    });
  });

  it('what was done is undone by its inverse; what changed nothing by nothing', () => {
    expect(inverse({ kind: 'move', service: 'media', to: 'cpu-2', from: 'cpu-1' })).to.deep.equal({
      kind: 'move',
      service: 'media',
      to: 'cpu-1',
      from: 'cpu-2',
    });
    expect(inverse({ kind: 'move', service: 'media', to: 'cpu-2', from: undefined })).to.equal(undefined);
    expect(inverse({ kind: 'admin', board: 'b', to: 'drained', from: 'maintenance' })).to.deep.equal({
      kind: 'admin',
      board: 'b',
      to: 'maintenance',
      from: 'drained',
    });
    expect(inverse({ kind: 'admin', board: 'b', to: 'drained', from: 'drained' })).to.equal(undefined);
    expect(inverse({ kind: 'alarm-clear', alarm: alarm('A') })).to.deep.equal({
      kind: 'alarm-raise',
      alarm: alarm('A'),
    });
    const ordered = { kind: 'program', program: 'p', board: 'b', here: false } as const;
    expect(inverse({ ...ordered, order: 'stop', wanted: true })).to.include({ board: 'b', order: 'start' });
    expect(inverse({ ...ordered, order: 'start', wanted: false })).to.include({ here: false, order: 'stop' });
    expect(inverse({ ...ordered, order: 'restart', wanted: true })).to.equal(undefined);
  });

  it('stands under netSnmpPlaypen', () => {
    expect(BASE_OID.join('.')).to.equal('1.3.6.1.4.1.8072.9999.9999.7413');
  });
});
