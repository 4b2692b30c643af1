import type { NetrackState } from '@softset/protocol';
import { changedFacts, factsOf } from '@softset/redirect/core/rules/facts-of.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../../fixture.js';

const asked = new Set([
  'fault.link-failed.cpu-2:A',
  'fault.link-failed.cpu-3:A',
  'alarm.service/media.SERVICE_RESTS',
  'alarm.board/cpu-1.X',
]);
const facts = (seen: NetrackState) =>
  factsOf(
    cluster(),
    seen,
    asked,
    ['disk'],
    { hour: 3, minute: 7, weekday: 'friday' },
    new Map([['switch-a', new Map([['ifInErrors.12', 3]])]]),
  );

describe('rules: facts of a snapshot', () => {
  const rows: readonly (readonly [string, string, NetrackState, string | number | boolean | undefined])[] = [
    ['this board is up', 'board.cpu-1.state', state(), 'up'],
    [
      'a verdict is told as it is',
      'board.cpu-2.state',
      changed(state(), [board(2, { verdict: 'stalled' })]),
      'stalled',
    ],
    ['no verdict yet is unknown', 'board.cpu-2.state', changed(state(), [board(2, { verdict: 'unknown' })]), undefined],
    [
      'how a board feels that is not heard is unknown',
      'board.cpu-2.health',
      changed(state(), [board(2, { verdict: 'down' })]),
      undefined,
    ],
    ['and what runs there', 'program.echo.cpu-2.state', changed(state(), [board(2, { verdict: 'silent' })]), undefined],
    ['programs of a living board are known', 'program.echo.cpu-2.state', state(), 'ready'],
    ['maintenance', 'board.cpu-2.maintenance', changed(state(), [board(2, { admin: 'maintenance' })]), true],
    ['drained is no maintenance', 'board.cpu-2.maintenance', changed(state(), [board(2, { admin: 'drained' })]), false],
    ['drained', 'board.cpu-2.drained', changed(state(), [board(2, { admin: 'drained' })]), true],
    ['not drained', 'board.cpu-2.drained', changed(state(), [board(2, { admin: 'maintenance' })]), false],
    ['a daemon that is there', 'board.cpu-1.daemon.psrmd', state(), true],
    [
      'a daemon that is gone',
      'board.cpu-1.daemon.psrmd',
      changed(state(), [board(1, { daemons: ['netrackd'] })]),
      false,
    ],
    ['services held', 'board.cpu-1.services', state(), 3],
    [
      'one on its way counts where it goes',
      'board.cpu-2.services',
      changed(state(), [], [{ ...held('media', 1), phase: 'moving', next: { board: 2, grant: { term: 1, n: 2 } } }]),
      1,
    ],
    [
      'and no more where it was',
      'board.cpu-1.services',
      changed(state(), [], [{ ...held('media', 1), phase: 'moving', next: { board: 2, grant: { term: 1, n: 2 } } }]),
      2,
    ],
    [
      'a free service is nobody’s load',
      'board.cpu-1.services',
      changed(state(), [], [{ ...held('media', 1), phase: 'free' }]),
      2,
    ],
    [
      'but the lost board has it until somebody takes it',
      'board.cpu-1.holds',
      changed(state(), [board(1, { verdict: 'down' })], [{ ...held('media', 1), phase: 'free' }]),
      3,
    ],
    ['none, where all holders are known', 'board.cpu-2.holds', state(), 0],
    [
      'unknown, where one is not',
      'board.cpu-2.holds',
      changed(state(), [], [{ ...held('media', 1), phase: 'unknown' }]),
      undefined,
    ],
    ['its holder', 'service.media.holder', state(), 'cpu-1'],
    [
      'of an unknown phase nothing is known',
      'service.media.holder',
      changed(state(), [], [{ ...held('media', 1), phase: 'unknown' }]),
      undefined,
    ],
    ['its state', 'service.media.state', changed(state(), [], [{ ...held('media', 1), phase: 'silent' }]), 'silent'],
    ['rest', 'service.disk.resting', state(), true],
    [
      'a network',
      'network.A.state',
      { ...state(), faults: [{ kind: 'network-mute', target: 'A', sinceMs: 0, evidence: '' }] },
      'mute',
    ],
    [
      'a fault that stands',
      'fault.link-failed.cpu-2:A',
      { ...state(), faults: [{ kind: 'link-failed', target: 'cpu-2:A', sinceMs: 0, evidence: '' }] },
      true,
    ],
    ['one that is not named is false, not unknown', 'fault.link-failed.cpu-3:A', state(), false],
    [
      'an alarm',
      'alarm.service/media.SERVICE_RESTS',
      {
        ...state(),
        alarms: [
          { object: 'service/media', cause: 'SERVICE_RESTS', severity: 'major', text: '', raisedAtMs: 0, raisedBy: 1 },
        ],
      },
      'major',
    ],
    ['none', 'alarm.board/cpu-1.X', state(), 'none'],
    ['the director', 'cluster.director', state(), 'cpu-1'],
    ['no director', 'cluster.director', { ...state(), director: 0 }, 'none'],
    ['time', 'time.weekday', state(), 'friday'],
    ['SNMP', 'snmp.switch-a.ifInErrors.12', state(), 3],
  ];
  for (const [what, fact, seen, value] of rows) {
    it(`${what}: ${fact}`, () => {
      expect(facts(seen).get(fact)).to.equal(value);
    });
  }

  it('changes are what differs, and what is known no more', () => {
    const before = facts(state());
    expect([...changedFacts(before, facts(state()))]).to.deep.equal([]);
    const after = facts(changed(state(), [board(2, { verdict: 'down' })]));
    const changes = changedFacts(before, after);
    expect(changes.get('board.cpu-2.state')).to.equal('down');
    expect(changes.has('board.cpu-2.health')).to.equal(true);
    expect(changes.get('board.cpu-2.health')).to.equal(undefined);
    expect([...changes.keys()].every((fact) => fact.includes('cpu-2'))).to.equal(true);
  });
});
