import type { BoardState, ServiceState } from '@softset/protocol';
import { EMPTY_HISTORY, type History, LIMITS, observe } from '@softset/redirect/core/history.js';
import { type PendingWish, place } from '@softset/redirect/core/placement.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../fixture.js';

const chassis = cluster();
const grant = { term: 1, n: 1 };
const phase = (kind: ServiceState['phase'], part: Partial<ServiceState> = {}): ServiceState => ({
  service: 'media',
  phase: kind,
  holder: { board: 1, grant },
  cause: '',
  ...part,
});
const failed = (program: string): Partial<BoardState> => ({
  programs: [{ program, state: 'failed', sinceMs: 0, restarts: 3 }],
});
const cold: Partial<BoardState> = { programs: [] };
const wish = (target: number): PendingWish => ({ id: 'w', service: 'media', board: target, who: 'uid 0' });
const moves = (count: number, service = 'media'): History['moves'] =>
  Array.from({ length: count }, (_, i) => ({ service, from: 1, to: 2, atMs: i }));

interface Row {
  readonly title: string;
  readonly boards?: readonly BoardState[];
  readonly service?: ServiceState;
  readonly history?: Partial<History>;
  readonly wishes?: readonly PendingWish[];
  /** Board that is to serve `media`; absent: none. */
  readonly serves?: number;
  readonly why?: RegExp;
}

const missing = (sinceMs: number): Partial<History> => ({ missing: [{ board: 1, daemon: 'psrmd', sinceMs }] });
const NOW_MS = 1000;

const rows: readonly Row[] = [
  { title: 'a fit holder keeps it' },
  {
    title: 'a fit holder keeps it though another is pinned: nothing moves back by itself',
    service: phase('held', { pin: 2 }),
  },
  {
    title: 'a program given up moves it (002 ¶0051)',
    boards: [board(1, failed('echo'))],
    serves: 2,
    why: /echo was given up/,
  },
  { title: 'a failed program of another service does not', boards: [board(1, failed('mirror'))] },
  { title: 'a leaving holder gives it up', boards: [board(1, { leaving: true })], serves: 2, why: /leaving/ },
  { title: 'an amnesiac holder gives it up', boards: [board(1, { amnesiac: true })], serves: 2, why: /memory/ },
  { title: 'a daemon that is gone for long moves it', history: missing(NOW_MS - 300), serves: 2, why: /psrmd is gone/ },
  { title: 'a daemon that is gone for a moment does not', history: missing(NOW_MS - 299) },
  {
    title: 'maintenance leaves a board alone with what it holds',
    boards: [board(1, { ...failed('echo'), admin: 'maintenance' })],
  },
  {
    title: 'a holder that is not plainly alive is for the lease to judge',
    boards: [board(1, { ...failed('echo'), verdict: 'stalled' })],
  },
  {
    title: 'free: the first fit of the pool',
    service: phase('free'),
    boards: [board(1, { verdict: 'down' })],
    serves: 2,
    why: /holds it no more/,
  },
  {
    title: 'free since the start: the first of the pool',
    service: { service: 'media', phase: 'free', cause: '' },
    serves: 1,
    why: /nobody holds it/,
  },
  { title: 'free: not the board that just lost it', service: phase('free'), serves: 2 },
  {
    title: 'free: the board that just lost it, if it is the only fit one',
    service: phase('free'),
    boards: [board(2, { verdict: 'down' }), board(3, { verdict: 'stalled' })],
    serves: 1,
  },
  { title: 'free: the pinned before the pool order', service: phase('free', { pin: 3 }), serves: 3 },
  { title: 'free: the pinned even if it just lost it', service: phase('free', { pin: 1 }), serves: 1 },
  {
    title: 'at the start of day: the preferred board, though another had its programs up first',
    service: { service: 'media', phase: 'free', cause: '' },
    boards: [board(1, cold)],
    serves: 1,
  },
  {
    title: 'free: a board whose standby program runs before a cold one',
    service: phase('free'),
    boards: [board(2, cold)],
    serves: 3,
  },
  {
    title: 'free: not at once the board that failed to take it',
    service: phase('free'),
    history: { attempts: [{ service: 'media', board: 2, atMs: 0, times: 1 }] },
    serves: 3,
  },
  {
    title: 'free: of boards that all failed to take it, the one that failed longest ago',
    service: phase('free'),
    history: {
      attempts: [1, 2, 3].map((id) => ({ service: 'media', board: id, atMs: id === 3 ? 1 : 5 + id, times: 1 })),
    },
    serves: 3,
  },
  ...(['moving', 'silent', 'unknown'] as const).map((kind) => ({
    title: `${kind}: never`,
    service: phase(kind),
    boards: [board(1, failed('echo'))],
    wishes: [wish(2)],
  })),
  { title: 'a wish moves it from a fit holder', wishes: [wish(3)], serves: 3, why: /^wish of uid 0$/ },
  { title: 'a wish for its holder moves nothing', wishes: [wish(1)] },
  { title: 'a wish for an unfit board moves nothing', wishes: [wish(3)], boards: [board(3, { leaving: true })] },
  { title: 'a wish for a board outside the pool moves nothing', wishes: [wish(4)] },
  {
    title: 'it rests after three moves in ten minutes',
    boards: [board(1, failed('echo'))],
    history: { moves: moves(3) },
  },
  {
    title: 'two moves are not yet a rest',
    boards: [board(1, failed('echo'))],
    history: { moves: moves(2) },
    serves: 2,
  },
  {
    title: 'moves of another service do not count',
    boards: [board(1, failed('echo'))],
    history: { moves: moves(3, 'disk') },
    serves: 2,
  },
  {
    title: 'resting and free: placed, for nobody serves it',
    service: phase('free'),
    history: { moves: moves(3) },
    serves: 2,
  },
  { title: 'resting: a wish moves it', wishes: [wish(3)], history: { moves: moves(3) }, serves: 3 },
  ...['it is down', 'it is unknown', 'it is silent', 'it is stalled', 'it is unheard'].map((why) => ({
    title: `never a board of which ${why}`,
    service: phase('free'),
    boards: [board(2, { verdict: why.slice(6) as BoardState['verdict'] })],
    serves: 3,
  })),
  {
    title: 'never a board in maintenance',
    service: phase('free'),
    boards: [board(2, { admin: 'maintenance' })],
    serves: 3,
  },
  ...(['netrackd', 'redirectd', 'psrmd'] as const).map((daemon) => ({
    title: `never a board without ${daemon}`,
    service: phase('free'),
    boards: [board(2, { daemons: board(2).daemons.filter((name) => name !== daemon) })],
    serves: 3,
  })),
];

describe('place', () => {
  for (const { title, boards = [], service, history = {}, wishes = [], serves, why } of rows) {
    it(title, () => {
      const input = changed(state(), boards, service === undefined ? [] : [service]);
      const result = place(chassis, input, { ...EMPTY_HISTORY, ...history }, NOW_MS, wishes);
      const media = result.serve.filter((entry) => entry.service === 'media');
      expect(media.map((entry) => entry.board)).to.deep.equal(serves === undefined ? [] : [serves]);
      if (why !== undefined) expect(media[0]?.cause).to.match(why);
      const chosen = media[0]?.reasons.filter((reason) => reason.chosen).map((reason) => reason.board);
      if (serves !== undefined) expect(chosen).to.deep.equal([serves]);
    });
  }

  it('needs no psrmd where a service has no programs', () => {
    const daemons: BoardState['daemons'] = ['netrackd', 'redirectd'];
    const free: ServiceState = { service: 'plain', phase: 'free', cause: '' };
    const input = changed(state(), [board(2, { daemons })], [free]);
    const gone = changed(input, [board(1, { leaving: true })]);
    const plain = place(chassis, gone, EMPTY_HISTORY, NOW_MS).serve.find((entry) => entry.service === 'plain');
    expect(plain?.board).to.equal(2);
  });

  it('says of each board of the pool why it was or was not chosen', () => {
    const input = changed(state(), [board(1, failed('echo')), board(3, { admin: 'maintenance' })]);
    expect(place(chassis, input, EMPTY_HISTORY, NOW_MS).serve[0]?.reasons).to.deep.equal([
      { board: 1, chosen: false, why: 'refused, it is to give it up' },
      { board: 2, chosen: true, why: 'chosen, rank 2, load 0.01' },
      { board: 3, chosen: false, why: 'refused, it is in maintenance' },
    ]);
  });
});

describe('observe', () => {
  const see = (history: History, holder: number, atMs: number, cause = 'failed'): History =>
    observe(history, changed(state(), [], [{ ...held('media', holder), cause }]), atMs, LIMITS);

  it('counts a change of holder once, and not the first', () => {
    const history = see(see(see(EMPTY_HISTORY, 1, 0), 2, 10), 2, 20);
    expect(history.moves).to.deep.equal([{ service: 'media', from: 1, to: 2, atMs: 10 }]);
  });

  it('counts a move through phases in which nobody holds it', () => {
    const free = observe(see(EMPTY_HISTORY, 1, 0), changed(state(), [], [phase('free')]), 5, LIMITS);
    expect(see(free, 3, 10).moves).to.have.length(1);
  });

  it('starts afresh with a wish', () => {
    const history = see(see(see(EMPTY_HISTORY, 1, 0), 2, 10), 1, 20, 'wish of uid 0');
    expect(history.moves).to.deep.equal([]);
    expect(see(history, 2, 30).moves).to.have.length(1);
  });

  it('forgets moves that left the window', () => {
    const history = see(see(see(EMPTY_HISTORY, 1, 0), 2, 10), 1, 10 + LIMITS.windowMs);
    expect(history.moves.map((move) => move.atMs)).to.deep.equal([10 + LIMITS.windowMs]);
  });

  it('keeps since when a daemon is missing, and only while it is', () => {
    const without = changed(state(), [board(2, { daemons: ['netrackd', 'redirectd'] })]);
    const first = observe(EMPTY_HISTORY, without, 5, LIMITS);
    expect(observe(first, without, 9, LIMITS).missing).to.deep.equal([{ board: 2, daemon: 'psrmd', sinceMs: 5 }]);
    expect(observe(first, state(), 9, LIMITS).missing).to.deep.equal([]);
  });
});
