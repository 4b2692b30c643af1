import { seededRandom } from '@softset/base';
import { idOf } from '@softset/netrack/core/ring/members.js';
import { initialRing, stepRing } from '@softset/netrack/core/ring/step.js';
import { suspicionMs } from '@softset/netrack/core/ring/suspicion.js';
import type {
  Delegate,
  Digest,
  MemberUpdate,
  RingConfig,
  RingEffect,
  RingMessage,
  RingState,
  Update,
} from '@softset/netrack/core/ring/types.js';
import { expect } from 'chai';

const SELF: Delegate = { group: 0, board: 1 };
const OTHER: Delegate = { group: 1, board: 1 };
const PERIOD_MS = 200;

/** One delegate of group 0 among `groups` groups of three; time is what `tick` says. */
class World {
  readonly config: RingConfig;
  readonly state: RingState;
  nowMs = 1000;

  constructor(groups = 6) {
    this.config = { self: SELF, random: seededRandom(1), periodMs: PERIOD_MS, timeoutMs: 80, gossipMs: 50 };
    const known = Array.from({ length: groups }, (_, group) => [1, 2, 3].map((board) => ({ group, board }))).flat();
    this.state = initialRing(this.config, 5, known, this.nowMs);
    this.state.nextProbeMs = Number.POSITIVE_INFINITY;
  }

  sent(effects: readonly RingEffect[], kind: RingMessage['kind']): Extract<RingEffect, { kind: 'send' }>[] {
    return effects.flatMap((one) => (one.kind === 'send' && one.message.kind === kind ? [one] : []));
  }

  hear(from: Delegate, ...updates: Update[]): RingEffect[] {
    const message: RingMessage = { kind: 'gossip', from, updates };
    return stepRing(this.state, { kind: 'message', message }, this.nowMs, this.config);
  }

  tick(ms = 10): RingEffect[] {
    this.nowMs += ms;
    return stepRing(this.state, { kind: 'tick' }, this.nowMs, this.config);
  }

  /** Ticks each 10 ms for so long. */
  run(ms: number): RingEffect[] {
    return Array.from({ length: ms / 10 }, () => this.tick()).flat();
  }

  status(of: Delegate): string | undefined {
    return this.state.members.get(idOf(of))?.status;
  }
}

const said = (of: Delegate, status: MemberUpdate['status'], incarnation: number, by: number): MemberUpdate => {
  return { kind: 'member', ...of, status, incarnation, by };
};

describe('the ring above the chassis', () => {
  it('Lifeguard §IV-B: a suspicion that nobody confirms lasts six times as long, and grows with the logarithm of all', () => {
    const least = suspicionMs(100, 4, PERIOD_MS);
    expect(least).to.equal(3 * 2 * PERIOD_MS);
    expect(suspicionMs(100, 1, PERIOD_MS)).to.equal(6 * least);
    expect(suspicionMs(100, 2, PERIOD_MS)).to.be.within(least, 6 * least);
    expect(suspicionMs(100, 9, PERIOD_MS)).to.equal(least);
    expect(suspicionMs(1000, 4, PERIOD_MS)).to.equal(1.5 * least);
    expect(suspicionMs(2, 1, PERIOD_MS), 'of two nobody can confirm').to.equal(3 * PERIOD_MS);
  });

  it('SWIM §3.1: who does not answer is asked by three others, and only then suspected', () => {
    const world = new World();
    world.state.nextProbeMs = world.nowMs;
    const [ping] = world.sent(world.tick(), 'ping');
    const target = ping?.to ?? SELF;
    expect(target.group, 'boards of the own group are judged by beats').to.not.equal(0);
    expect(world.sent(world.run(70), 'ask')).to.have.length(0);
    const asks = world.sent(world.run(20), 'ask');
    expect(asks).to.have.length(3);
    for (const { to } of asks)
      expect([to.group, idOf(to)])
        .to.not.include(0)
        .and.not.include(idOf(target));
    expect(world.status(target)).to.equal('alive');
    world.run(PERIOD_MS);
    expect(world.status(target)).to.equal('suspect');
    expect(world.state.health, 'three helpers did not even say that they live').to.equal(3);
  });

  it('helpers that heard nothing either say so, and are no sign of own trouble', () => {
    const world = new World();
    world.state.nextProbeMs = world.nowMs;
    world.tick();
    const asks = world.sent(world.run(90), 'ask');
    const number = world.state.probe?.number ?? 0;
    for (const { to } of asks) {
      const message: RingMessage = { kind: 'nack', from: to, number, updates: [] };
      stepRing(world.state, { kind: 'message', message }, world.nowMs, world.config);
    }
    world.run(PERIOD_MS);
    expect(world.state.health).to.equal(0);
  });

  it('an answer, its own or by a helper, ends the probe', () => {
    const world = new World();
    world.state.nextProbeMs = world.nowMs;
    const [ping] = world.sent(world.tick(), 'ping');
    const target = ping?.to ?? SELF;
    const message: RingMessage = { kind: 'ack', from: target, number: world.state.probe?.number ?? 0, updates: [] };
    stepRing(world.state, { kind: 'message', message }, world.nowMs, world.config);
    world.run(2 * PERIOD_MS);
    expect(world.status(target)).to.equal('alive');
  });

  it('a suspect that refutes in time lives on under a new incarnation; one that does not is dead, and its group may be gone', () => {
    const world = new World();
    world.hear(OTHER, said(OTHER, 'suspect', 0, 2));
    world.hear(OTHER, said(OTHER, 'alive', 0, 1));
    expect(world.status(OTHER), 'the same incarnation refutes nothing').to.equal('suspect');
    world.hear(OTHER, said(OTHER, 'alive', 1, 1));
    expect(world.status(OTHER)).to.equal('alive');
    for (const board of [1, 2, 3])
      for (const by of [2, 3, 4, 5]) world.hear({ group: by, board: 1 }, said({ group: 1, board }, 'suspect', 1, by));
    const effects = world.run(900);
    expect(effects.filter(({ kind }) => kind === 'group')).to.deep.equal([{ kind: 'group', group: 1, gone: true }]);
    const back = world.hear(OTHER, said(OTHER, 'alive', 2, 1));
    expect(back).to.deep.include({ kind: 'group', group: 1, gone: false });
  });

  it('refutes what is said of itself, at once, and also old charges', () => {
    const world = new World();
    const effects = world.hear(OTHER, said(SELF, 'suspect', 5, 1));
    expect(world.state.incarnation).to.equal(6);
    expect(world.sent(effects, 'gossip')).to.have.length(3);
    const ping: RingMessage = { kind: 'ping', from: OTHER, number: 9, updates: [said(SELF, 'dead', 4, 1)] };
    const [ack] = world.sent(stepRing(world.state, { kind: 'message', message: ping }, 1000, world.config), 'ack');
    expect(ack?.message.updates).to.deep.include(said(SELF, 'alive', 6, 0));
    expect(world.state.incarnation).to.equal(6);
  });

  it('who stood still itself does not count the time against others, and is more patient', () => {
    const world = new World();
    for (const by of [2, 3, 4, 5]) world.hear({ group: by, board: 1 }, said(OTHER, 'suspect', 0, by));
    world.tick(5000);
    expect([world.status(OTHER), world.state.health]).to.deep.equal(['suspect', 1]);
  });

  it('a group’s word of its own board counts at once; of two digests the later one', () => {
    const world = new World();
    const digest = (term: number, n: number, up: bigint): Digest => {
      return { kind: 'digest', group: 1, term, n, director: 1, up };
    };
    world.hear(OTHER, digest(2, 4, 6n), said(OTHER, 'dead', 0, 1));
    expect([world.status(OTHER), world.state.digests.get(1)?.up]).to.deep.equal(['dead', 6n]);
    world.hear({ group: 3, board: 1 }, digest(1, 9, 7n));
    expect(world.state.digests.get(1)?.up).to.equal(6n);
    const own: Digest = { kind: 'digest', group: 0, term: 1, n: 1, director: 1, up: 5n };
    const told = stepRing(world.state, { kind: 'group', digest: own, down: [2] }, world.nowMs, world.config);
    expect(world.status({ group: 0, board: 2 })).to.equal('dead');
    for (const { message } of world.sent(told, 'gossip')) expect(message.updates).to.deep.include(own);
  });
});
