import type { Alarm, Fault, NetrackState } from '@softset/protocol';
import { octetsOf } from '@softset/snmpag/core/octets.js';
import {
  HELD_MAX,
  type Herald,
  HOLD_MS,
  onLost,
  onState,
  onTick,
  silentHerald,
  wakeMs,
} from '@softset/snmpag/core/softset/herald.js';
import { noticeVarbinds, objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import type { Notice } from '@softset/snmpag/core/softset/notices.js';
import { expect } from 'chai';
import { board, cluster, held, state } from '../fixture.js';

/** What is told when one state follows another, by the director's own agent. */
function told(was: Partial<NetrackState>, is: Partial<NetrackState>): readonly Notice[] {
  const begun = onState(silentHerald, cluster, 1, state(was), 0);
  expect(begun.tell, 'a beginning is no news').to.deep.equal([]);
  return onState(begun.herald, cluster, 1, state(is), 1).tell;
}
const names = (list: readonly Notice[]): string[] => list.map(({ name }) => name);
const fault = (kind: Fault['kind'], target: string): Fault => ({
  kind,
  target,
  sinceMs: 0,
  evidence: 'nobody hears it',
});
const boards = (part: Parameters<typeof board>[1]) => ({ boards: [board(1), board(2, part), board(3)] });
const alarm = (severity: Alarm['severity']): Alarm => ({
  object: 'service/media',
  cause: 'SERVICE_RESTS',
  severity,
  text: 't',
  raisedAtMs: 0,
  raisedBy: 1,
});
const free = { services: [{ service: 'media', phase: 'free' as const, cause: 'its boards are gone' }, held('web', 2)] };

const noSpare = { ...alarm('major'), object: 'service/media', cause: 'NO_SPARE' };

describe('what is told', () => {
  for (const [title, was, is, wanted] of [
    ['nothing when nothing happened', {}, {}, []],
    [
      'a board that is down, and not its links',
      {},
      boards({ verdict: 'down', paths: { A: false, B: false } }),
      ['softsetBoardDown'],
    ],
    ['a board that stalled', {}, boards({ verdict: 'stalled' }), ['softsetBoardStalled']],
    ['a board that is back', boards({ verdict: 'down' }), {}, ['softsetBoardUp']],
    ['nothing of a doubt that passes', boards({ verdict: 'silent' }), {}, []],
    ['a link', {}, boards({ paths: { A: true, B: false } }), ['softsetLinkDown']],
    ['a link that is back', boards({ paths: { A: false, B: true } }), {}, ['softsetLinkUp']],
    ['a network', {}, { faults: [fault('network-failed', 'A')] }, ['softsetNetworkFailed']],
    ['a network that is back', { faults: [fault('network-mute', 'B')] }, {}, ['softsetNetworkRestored']],
    ['a service that moved', {}, { services: [held('media', 2, 2), held('web', 2)] }, ['softsetServiceMoved']],
    ['a service that nobody holds', {}, free, ['softsetServiceLost']],
    ['a service that is held again', free, {}, ['softsetServiceMoved']],
    [
      'nothing of a move under way',
      {},
      { services: [{ ...held('media', 1), phase: 'moving' as const }, held('web', 2)] },
      [],
    ],
    [
      'a program that was given up',
      {},
      boards({ programs: [{ program: 'echo', state: 'failed', sinceMs: 0, restarts: 3 }] }),
      ['softsetProgramFailed'],
    ],
    ['quorum lost', {}, { quorum: { present: 1, needed: 2, votes: 3 } }, ['softsetQuorumLost']],
    ['quorum regained', { quorum: { present: 1, needed: 2, votes: 3 } }, {}, ['softsetQuorumRegained']],
    ['another cluster file', {}, { faults: [fault('config-differs', 'io-1')] }, ['softsetConfigDiffers']],
    ['an alarm', {}, { alarms: [alarm('major')] }, ['softsetAlarmRaised']],
    [
      'an alarm that became worse',
      { alarms: [alarm('minor')] },
      { alarms: [alarm('critical')] },
      ['softsetAlarmRaised'],
    ],
    [
      'a service without a spare, beside its alarm',
      {},
      { alarms: [noSpare] },
      ['softsetNoSpare', 'softsetAlarmRaised'],
    ],
    ['a service that has a spare again', { alarms: [noSpare] }, {}, ['softsetAlarmCleared']],
    [
      'a want of spares that becomes worse, once more as an alarm alone',
      { alarms: [noSpare] },
      { alarms: [{ ...noSpare, severity: 'critical' as const }] },
      ['softsetAlarmRaised'],
    ],
    ['an alarm that was cleared', { alarms: [alarm('major')] }, {}, ['softsetAlarmCleared']],
    ['a new term of this board', {}, { term: 2 }, ['softsetDirectorChanged']],
  ] as const) {
    it(title, () => {
      expect(names(told(was, is))).to.deep.equal(wanted);
    });
  }

  it('says from where, to whom and why a service moved, in the order that the MIB has', () => {
    const [notice] = told({}, { services: [{ ...held('media', 2, 2), cause: 'cpu-1 is down' }, held('web', 2)] });
    const values = noticeVarbinds(notice as Notice).map(({ value }) => ('value' in value ? value.value : value.type));
    const text = (octets: unknown) => Buffer.from(octets as Uint8Array).toString();
    expect(values[0], 'snmpTrapOID.0').to.deep.equal([1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7413, 0, 8]);
    expect([text(values[1]), values[2], text(values[3]), text(values[4])]).to.deep.equal([
      'cpu-1',
      2,
      'cpu-2',
      'cpu-1 is down',
    ]);
  });

  it('says how long nobody served it: from the first doubt of its holder to the word of the next', () => {
    const at = (nowMs: number, part: Partial<NetrackState>) => state({ nowMs, ...part });
    const doubt = (verdict: 'silent' | 'down') => boards({ verdict, sinceMs: 5020 });
    const moving = { services: [held('media', 1), { ...held('web', 2), phase: 'moving' as const }] };
    const moved = { services: [held('media', 1), held('web', 1, 2)] };
    let herald = onState(silentHerald, cluster, 1, at(5000, {}), 0).herald;
    for (const next of [
      at(5025, doubt('silent')),
      at(5040, doubt('down')),
      at(5041, { ...doubt('down'), ...moving }),
    ]) {
      herald = onState(herald, cluster, 1, next, 0).herald;
    }
    const { tell } = onState(herald, cluster, 1, at(5047, { ...doubt('down'), ...moved }), 0);
    const told = tell.find(({ name }) => name === 'softsetServiceMoved');
    expect(noticeVarbinds(told as Notice).at(-1)?.value).to.deep.equal({ type: 'gauge32', value: 27 });
    expect(objectOid('softsetNotifyOutage')?.concat(0)).to.deep.equal(noticeVarbinds(told as Notice).at(-1)?.name);
  });

  it('a service that was free meanwhile still moved from who held it last', () => {
    let herald = onState(silentHerald, cluster, 1, state(), 0).herald;
    herald = onState(herald, cluster, 1, state(free), 0).herald;
    const { tell } = onState(herald, cluster, 1, state({ services: [held('media', 2, 2), held('web', 2)] }), 0);
    const [from] = noticeVarbinds(tell[0] as Notice).slice(1);
    expect(from?.value).to.deep.equal({ type: 'octets', value: octetsOf('cpu-1') });
  });

  it('a doubt that passed is no outage of the move that comes later; one that nobody saw is 0', () => {
    let herald = onState(silentHerald, cluster, 1, state(), 0).herald;
    for (const next of [boards({ verdict: 'silent' as const, sinceMs: 5010 }), {}]) {
      herald = onState(herald, cluster, 1, state({ nowMs: 5020, ...next }), 0).herald;
    }
    const { tell } = onState(
      herald,
      cluster,
      1,
      state({ nowMs: 9000, services: [held('media', 1), held('web', 1, 2)] }),
      0,
    );
    expect(noticeVarbinds(tell[0] as Notice).at(-1)?.value).to.deep.equal({ type: 'gauge32', value: 0 });
  });

  it('a cleared alarm is told under the number that it had', () => {
    const [notice] = told({ alarms: [alarm('major')] }, {});
    expect(noticeVarbinds(notice as Notice)[1]?.name.at(-1)).to.equal(1);
  });
});

describe('who tells: one notification from two control boards', () => {
  const crash = boards({ verdict: 'down' });
  /** cpu-2's agent, which follows the director cpu-1. */
  const follows = { director: 1, role: 'follower' as const, directing: false };
  const begun = (): Herald => onState(silentHerald, cluster, 2, state(follows), 0).herald;

  it('an agent that sees the director up leaves it to that one', () => {
    const io = { boards: [board(1, { verdict: 'up' }), board(2, { verdict: 'self' }), board(3, { verdict: 'down' })] };
    const { herald, tell } = onState(begun(), cluster, 2, state({ ...follows, ...io }), 10);
    expect(tell).to.deep.equal([]);
    expect(herald.held).to.deep.equal([]);
  });

  it('when the director dies, its successor tells what it saw meanwhile, once', () => {
    const dead = { boards: [board(1, { verdict: 'down' }), board(2, { verdict: 'self' }), board(3)] };
    const seen = onState(begun(), cluster, 2, state({ ...follows, ...dead }), 10);
    expect(seen.tell).to.deep.equal([]);
    const led = onState(seen.herald, cluster, 2, state({ ...dead, director: 2, term: 2 }), 60);
    expect(names(led.tell)).to.deep.equal(['softsetBoardDown', 'softsetDirectorChanged']);
    expect(onTick(led.herald, cluster, 2, 10_000).tell).to.deep.equal([]);
  });

  it('where no director comes, everybody tells after two seconds: better twice than never', () => {
    const alone = state({ ...follows, director: 0, quorum: { present: 1, needed: 2, votes: 3 } });
    const seen = onState(begun(), cluster, 2, alone, 10);
    expect(wakeMs(seen.herald)).to.equal(10 + HOLD_MS);
    expect(onTick(seen.herald, cluster, 2, 9 + HOLD_MS).tell).to.deep.equal([]);
    expect(names(onTick(seen.herald, cluster, 2, 10 + HOLD_MS).tell)).to.deep.equal(['softsetQuorumLost']);
  });

  it('a director without an agent of its own is none that tells', () => {
    const at = (part: Partial<NetrackState>) => state({ ...follows, director: 3, ...part });
    const first = onState(silentHerald, cluster, 2, at({}), 0).herald;
    const { herald } = onState(first, cluster, 2, at(crash), 10);
    expect(names(onTick(herald, cluster, 2, 10 + HOLD_MS).tell)).to.deep.equal(['softsetBoardDown']);
  });

  it('what netrackd says first after it was away is a beginning', () => {
    expect(onState(onLost(begun()), cluster, 1, state(crash), 10).tell).to.deep.equal([]);
  });

  it(`holds ${HELD_MAX} at most`, () => {
    let herald = begun();
    for (let i = 0; i < HELD_MAX + 10; i++) {
      herald = onState(
        herald,
        cluster,
        2,
        state({ ...follows, director: 0, term: 1, alarms: i % 2 ? [] : [alarm('major')] }),
        1,
      ).herald;
    }
    expect(herald.held).to.have.length(HELD_MAX);
  });
});
