import { type Config, type Effect, type Event, empty, type State, WAIT_MS } from '@softset/geodhcp/core/enrol/state.js';
import { step } from '@softset/geodhcp/core/enrol/step.js';
import { expect } from 'chai';

const config: Config = { version: '0.1.0', boards: new Set(['cpu-1', 'cpu-2']) };
const place = 'switch-a/p1';
const token = { id: '00000001', psk: '00', place, untilMs: 1_000_000 };
const mac = '02:00:00:00:00:01';
const asked = { kind: 'asked', code: 'aaaaa-bbbbb', version: '0.1.7', host: 'new', address: '10.1.1.11', mac } as const;
const here = { kind: 'located', place, board: 'cpu-1', addresses: ['10.1.1.11'], why: '' } as const;
const view = (...names: string[]): Event => ({ kind: 'view', up: new Set(names) });
const begin: readonly Event[] = [view('ccn'), { kind: 'token', token, who: 'root' }];

/** What the last event brought about, after those before it. */
function play(events: readonly Event[], nowMs = 1000): { readonly state: State; readonly effects: readonly Effect[] } {
  let turn: { state: State; effects: readonly Effect[] } = { state: empty(), effects: [] };
  for (const event of events) turn = step(turn.state, event, nowMs, config);
  return turn;
}
const kinds = (effects: readonly Effect[]): string[] =>
  effects.map((one) => (one.kind === 'journal' ? one.what : one.kind === 'alarm' ? `alarm ${one.cause}` : one.kind));
const codeOf = (effects: readonly Effect[]): string | undefined =>
  effects.flatMap((one) => (one.kind === 'turn-away' ? [one.code] : []))[0];
const byToken = { ...asked, tokenId: token.id };

describe('enrolment of a board', () => {
  it('with the token of its port: the token is used up on disk before the key goes out, and it is standby when it is up', () => {
    const granted = play([...begin, { ...byToken, id: 1 }, { ...here, id: 1 }]);
    expect(kinds(granted.effects)).to.deep.equal(['keep', 'enrol-granted', 'deliver']);
    const [keep] = granted.effects;
    expect(keep?.kind === 'keep' && keep.tokens[0]?.used).to.deep.equal({ atMs: 1000, mac });
    const tested = step(granted.state, { kind: 'tested', id: 1, faults: [] }, 2000, config);
    expect(kinds(tested.effects)).to.deep.equal(['enrol-tested', 'tell-done']);
    const closed = step(tested.state, { kind: 'closed', id: 1 }, 2000, config);
    expect(closed.effects).to.deep.equal([]);
    const up = step(closed.state, view('ccn', 'cpu-1'), 3000, config);
    expect(kinds(up.effects)).to.deep.equal(['enrol-standby']);
    expect([...up.state.requests.values()].map(({ state, board }) => `${state} ${board}`)).to.deep.equal([
      'standby cpu-1',
    ]);
  });

  it('without a token: an operator approves the code, and it is located once more', () => {
    const waiting = play([...begin, { ...asked, id: 1 }, { ...here, id: 1 }]);
    expect(kinds(waiting.effects)).to.deep.equal(['enrol-waiting', 'tell-waiting']);
    const other = step(waiting.state, { kind: 'approve', code: 'ccccc-ddddd', who: 'root' }, 1000, config);
    expect(other.effects, 'the code of nobody').to.deep.equal([]);
    const approved = step(waiting.state, { kind: 'approve', code: asked.code, who: 'root' }, 1000, config);
    expect(kinds(approved.effects)).to.deep.equal(['enrol-approved', 'locate']);
    expect(kinds(step(approved.state, { ...here, id: 1 }, 1000, config).effects)).to.deep.equal([
      'enrol-granted',
      'deliver',
    ]);
    const moved = step(approved.state, { ...here, id: 1, place: 'switch-a/p2' }, 1000, config);
    expect(kinds(moved.effects)).to.deep.equal(['enrol-refused', 'turn-away', 'alarm PORT_CHANGED']);
    const refused = step(waiting.state, { kind: 'refuse', code: asked.code, who: 'root' }, 1000, config);
    expect(codeOf(refused.effects)).to.equal('REFUSED');
    expect(codeOf(step(waiting.state, { kind: 'tick' }, 1001 + WAIT_MS, config).effects)).to.equal('NOT_APPROVED');
  });

  const grantedOnce: readonly Event[] = [...begin, { ...byToken, id: 1 }, { ...here, id: 1 }];
  const refusals: readonly (readonly [string, string, readonly Event[], number?])[] = [
    [
      'a stolen token, at another port',
      'TOKEN_WRONG_PORT',
      [...begin, { ...byToken, id: 1 }, { ...here, id: 1, place: 'switch-a/p2' }],
    ],
    ['a second use', 'TOKEN_REUSED', [...grantedOnce, { ...byToken, id: 2 }, { ...here, id: 2 }]],
    [
      'a second use after the first board left',
      'TOKEN_REUSED',
      [...grantedOnce, { kind: 'closed', id: 1 }, { ...byToken, id: 2 }, { ...here, id: 2 }],
    ],
    ['a token that is too old', 'TOKEN_EXPIRED', [...begin, { ...byToken, id: 1 }, { ...here, id: 1 }], 1_000_000],
    [
      'a token that was revoked meanwhile',
      'TOKEN_REVOKED',
      [...begin, { ...byToken, id: 1 }, { kind: 'revoke', id: token.id, who: 'root' }, { ...here, id: 1 }],
    ],
    ['a board that is up', 'BOARD_UP', [...begin, view('ccn', 'cpu-1'), { ...byToken, id: 1 }, { ...here, id: 1 }]],
    [
      'an address that is not the port’s',
      'ADDRESS_NOT_OF_PORT',
      [...begin, { ...byToken, id: 1, address: '10.1.9.9' }, { ...here, id: 1 }],
    ],
  ];
  for (const [title, code, events, nowMs] of refusals)
    it(`refuses ${title}, delivers nothing, and alarms: ${code}`, () => {
      const { effects } = play(events, nowMs);
      expect(codeOf(effects)).to.equal(code);
      expect(kinds(effects)).to.include(`alarm ${code}`).and.not.include('deliver');
    });

  const quiet: readonly (readonly [string, string, readonly Event[]])[] = [
    ['another version of the software', 'VERSION_DIFFERS', [...begin, { ...byToken, id: 1, version: '0.2.0' }]],
    ['who is behind a router', 'NOT_LOCATED', [...begin, { ...byToken, id: 1, mac: '' }]],
    [
      'whom the switches do not know',
      'NOT_LOCATED',
      [...begin, { ...byToken, id: 1 }, { kind: 'located', id: 1, addresses: [], why: 'unlearned' }],
    ],
    ['a place of no board', 'NOT_A_BOARD', [...begin, { ...asked, id: 1 }, { ...here, id: 1, board: 'slot-9' }]],
    [
      'anybody while nobody knows who is up',
      'NO_VIEW',
      [...begin, { kind: 'view', up: undefined }, { ...byToken, id: 1 }, { ...here, id: 1 }],
    ],
    [
      'a second one for the same board',
      'BUSY',
      [...begin, { ...asked, id: 1 }, { ...here, id: 1 }, { ...asked, id: 2 }, { ...here, id: 2 }],
    ],
  ];
  for (const [title, code, events] of quiet)
    it(`refuses ${title}: ${code}`, () => {
      const { effects } = play(events);
      expect(codeOf(effects)).to.equal(code);
      expect(kinds(effects)).not.to.include('deliver');
    });

  it('alarms who names a token that it does not have, and clears that after an hour', () => {
    const forged = play([{ kind: 'forged', address: '10.1.1.66', mac }]);
    expect(kinds(forged.effects)).to.deep.equal(['alarm TOKEN_FORGED']);
    expect(step(forged.state, { kind: 'tick' }, 2000, config).effects).to.deep.equal([]);
    const later = step(forged.state, { kind: 'tick' }, 3_700_000, config);
    expect(later.effects.map((one) => one.kind === 'alarm' && one.severity)).to.deep.equal(['cleared']);
  });

  it('alarms a board that was given the key and left without a word', () => {
    expect(kinds(play([...grantedOnce, { kind: 'closed', id: 1 }]).effects)).to.deep.equal(['alarm ENROLMENT_BROKEN']);
  });

  it('is bounded: more than thirty-two who ask at once are turned away', () => {
    const many = Array.from({ length: 33 }, (_, id): Event => ({ ...asked, id }));
    expect(codeOf(play(many).effects)).to.equal('BUSY');
  });

  it('does nothing for events of requests that are over, or in another state', () => {
    for (const event of [
      { ...here, id: 7 },
      { kind: 'tested', id: 7, faults: [] },
      { kind: 'closed', id: 7 },
    ] as const)
      expect(play([...begin, event]).effects).to.deep.equal([]);
    expect(
      play([...begin, { ...asked, id: 1 }, { kind: 'tested', id: 1, faults: [] }]).effects,
      'tested early',
    ).to.deep.equal([]);
    expect(kinds(play([...grantedOnce, { ...here, id: 1 }]).effects), 'located twice').to.deep.equal([]);
  });
});
