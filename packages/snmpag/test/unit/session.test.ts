import { ERROR } from '@softset/snmpag/core/agentx/errors.js';
import type { Body, Pdu } from '@softset/snmpag/core/agentx/pdu.js';
import { initial, step } from '@softset/snmpag/core/session/step.js';
import {
  ANSWER_MS,
  type Config,
  type Effect,
  type Event,
  type Notification,
  PING_MS,
  QUEUE_MAX,
  REFUSED_MS,
  type State,
} from '@softset/snmpag/core/session/types.js';
import { expect } from 'chai';

const config: Config = { id: [1, 3, 6], description: 'test', timeoutS: 5 };
const ours = { context: '', subtree: [1, 3, 6, 1] };
const board = { context: 'io-1', subtree: [1, 3, 6, 1] };
const trap = (number: number): Notification => ({
  context: '',
  varbinds: [{ name: [1], value: { type: 'integer', value: number } }],
});

/** A session with its clock, and a master that does what it is told. */
class World {
  state: State = initial;
  nowMs = 0;
  armedMs = Number.POSITIVE_INFINITY;
  last: readonly Effect[] = [];

  on(event: Event): this {
    const { state, effects } = step(this.state, event, this.nowMs, config);
    this.state = state;
    this.last = effects;
    for (const effect of effects) if (effect.kind === 'arm') this.armedMs = effect.atMs;
    return this;
  }
  /** Time passes up to the next tick that was asked for. */
  tick(): this {
    this.nowMs = this.armedMs;
    return this.on({ kind: 'tick' });
  }
  get sent(): Pdu[] {
    return this.last.flatMap((effect) => (effect.kind === 'send' ? [effect.pdu] : []));
  }
  get kinds(): string[] {
    return this.last.map(({ kind }) => kind).filter((kind) => kind !== 'arm');
  }
  answer(to: Pdu, error: number = ERROR.noError, session = 7): this {
    const { transaction, packet, order } = to;
    const pdu: Pdu = {
      session,
      transaction,
      packet,
      order,
      kind: 'response',
      upTimeCs: 0,
      error,
      index: 0,
      varbinds: [],
    };
    return this.on({ kind: 'pdu', pdu });
  }
  hear(body: Body, session = 7): this {
    return this.on({ kind: 'pdu', pdu: { session, transaction: 40, packet: 50, order: 'little', ...body } });
  }
  opened(): this {
    this.on({ kind: 'start' }).on({ kind: 'connected' });
    const [open] = this.sent;
    if (open?.kind !== 'open') throw new Error('no Open');
    return this.answer(open);
  }
  /** Up, and all that is wanted confirmed. */
  serving(): this {
    this.on({ kind: 'want', registrations: [ours] }).opened();
    for (const pdu of this.sent) this.answer(pdu);
    return this;
  }
}

describe('the AgentX session (RFC 2741 §7.1)', () => {
  it('opens, registers each subtree in its context, and serves', () => {
    const world = new World().on({ kind: 'want', registrations: [ours, board] }).opened();
    expect(world.state.session).to.equal(7);
    expect(world.sent.map((pdu) => [pdu.kind, pdu.session, 'context' in pdu ? pdu.context : undefined])).to.deep.equal([
      ['register', 7, undefined],
      ['register', 7, 'io-1'],
    ]);
    for (const pdu of world.sent) world.answer(pdu);
    expect(world.state.held.size).to.equal(2);
    world.hear({ kind: 'get', ranges: [] });
    expect(world.kinds).to.deep.equal(['serve']);
  });

  it('a change of what is wanted registers and unregisters the difference, while it serves', () => {
    const world = new World().serving().on({ kind: 'want', registrations: [board] });
    expect(world.sent.map(({ kind }) => kind)).to.deep.equal(['register', 'unregister']);
    expect(world.sent[1]).to.deep.include({ region: { subtree: ours.subtree, priority: 127 } });
    world.on({ kind: 'want', registrations: [board] });
    expect(world.sent, 'asked once').to.deep.equal([]);
  });

  it('a refused registration is told, and tried again after a second', () => {
    const world = new World().on({ kind: 'want', registrations: [ours] }).opened();
    const [register] = world.sent as [Pdu];
    world.answer(register, ERROR.duplicateRegistration);
    expect(world.last).to.deep.include({ kind: 'tell', what: 'refused', why: '1.3.6.1 : duplicateRegistration' });
    expect(world.state.phase).to.equal('serving');
    expect(world.armedMs).to.equal(world.nowMs + REFUSED_MS);
    world.tick();
    expect(world.sent.map(({ kind }) => kind)).to.deep.equal(['register']);
    expect(world.armedMs, 'no busy loop while it is asked').to.be.greaterThan(world.nowMs);
  });

  it('snmpd restarted: it connects again, registers anew, and tells again what was not confirmed', () => {
    const world = new World().serving();
    world.on({ kind: 'notify', notification: trap(1) });
    expect(world.sent.map(({ kind }) => kind)).to.deep.equal(['notify']);
    world.on({ kind: 'lost', why: 'end of stream' }).on({ kind: 'notify', notification: trap(2) });
    expect(world.kinds).to.deep.equal([]);
    expect(world.state.held.size).to.equal(0);
    world.tick();
    expect(world.kinds).to.deep.equal(['connect']);
    world.on({ kind: 'connected' });
    const [open] = world.sent as [Pdu];
    world.answer(open, ERROR.noError, 8);
    expect(world.sent.map((pdu) => [pdu.kind, pdu.session])).to.deep.equal([
      ['register', 8],
      ['notify', 8],
      ['notify', 8],
    ]);
    expect(world.sent[1]).to.deep.include({ varbinds: trap(1).varbinds });
  });

  it('a master that stays away is looked for every 50 ms, after five seconds every 400, for ever, and complained of once', () => {
    const world = new World().on({ kind: 'start' });
    const pauses: number[] = [];
    const told: string[] = [];
    for (let i = 0; i < 103; i++) {
      world.on({ kind: 'lost', why: 'ECONNREFUSED' });
      told.push(...world.kinds.filter((kind) => kind === 'tell'));
      pauses.push(world.armedMs - world.nowMs);
      world.tick();
      expect(world.kinds).to.deep.equal(['connect']);
    }
    expect(pauses).to.deep.equal([...Array.from({ length: 99 }, () => 50), 400, 400, 400, 400]);
    expect(told).to.have.length(1);
  });

  it('silence is answered by a ping, and a ping without an answer by a new connection', () => {
    const world = new World().serving();
    expect(world.armedMs).to.equal(PING_MS);
    world.tick();
    expect(world.sent.map(({ kind }) => kind)).to.deep.equal(['ping']);
    expect(world.armedMs).to.equal(PING_MS + ANSWER_MS);
    world.tick();
    expect(world.kinds).to.deep.equal(['hang-up', 'forget-sets', 'tell']);
    expect(world.state.phase).to.equal('resting');
    const alive = new World().serving().tick();
    const [ping] = alive.sent as [Pdu];
    alive.answer(ping);
    expect(alive.armedMs).to.equal(alive.nowMs + PING_MS);
  });

  it('a master that takes the connection and never answers the Open is left after five seconds', () => {
    const world = new World().on({ kind: 'start' }).on({ kind: 'connected' }).tick();
    expect(world.nowMs).to.equal(ANSWER_MS);
    expect(world.kinds).to.deep.equal(['hang-up', 'forget-sets', 'tell']);
  });

  it('a connection that is neither made nor refused is left, too', () => {
    const world = new World().on({ kind: 'start' }).tick();
    expect(world.kinds).to.include('hang-up');
    expect(world.state.phase).to.equal('resting');
  });

  for (const [title, play] of [
    [
      'the master refuses the session',
      (w: World) =>
        w
          .on({ kind: 'start' })
          .on({ kind: 'connected' })
          .answer(w.sent[0] as Pdu, ERROR.openFailed),
    ],
    ['the master closes it', (w: World) => w.serving().hear({ kind: 'close', reason: 5 })],
    ['the stream cannot be read', (w: World) => w.serving().on({ kind: 'unreadable', code: 'AGENTX_LENGTH' })],
    [
      'the master forgot the session',
      (w: World) =>
        w
          .serving()
          .tick()
          .answer(w.sent[0] as Pdu, ERROR.notOpen),
    ],
  ] as const) {
    it(`${title}: hangs up, and begins anew`, () => {
      const world = new World();
      play(world);
      expect(world.kinds).to.include.members(['hang-up', 'forget-sets']);
      world.tick();
      expect(world.kinds).to.deep.equal(['connect']);
    });
  }

  it('requests of another session, or before there is one, are answered notOpen and never served', () => {
    const world = new World().serving().hear({ kind: 'test-set', varbinds: [] }, 6);
    expect(world.kinds).to.deep.equal(['send', 'tell']);
    expect(world.sent[0]).to.deep.include({
      kind: 'response',
      error: ERROR.notOpen,
      session: 6,
      packet: 50,
      order: 'little',
    });
    const early = new World().on({ kind: 'start' }).on({ kind: 'connected' }).hear({ kind: 'get', ranges: [] }, 0);
    expect(early.sent[0]).to.deep.include({ kind: 'response', error: ERROR.notOpen });
    expect(new World().serving().hear({ kind: 'cleanup-set' }, 6).kinds, 'which has no answer').to.deep.equal([]);
  });

  it('what a master never asks of a subagent is refused', () => {
    const world = new World().serving().hear({ kind: 'open', timeoutS: 1, id: [], description: '' });
    expect(world.sent[0]).to.deep.include({ kind: 'response', error: ERROR.processingError });
  });

  it('a late, doubled or forged answer changes nothing', () => {
    const world = new World().on({ kind: 'want', registrations: [ours] }).opened();
    const [register] = world.sent as [Pdu];
    world.answer(register);
    const { state } = world;
    world.answer(register, ERROR.duplicateRegistration);
    expect(world.state).to.deep.equal(state);
    world.answer({ ...register, packet: 4000 });
    expect(world.state).to.deep.equal(state);
  });

  it(`${QUEUE_MAX} notifications wait; of more the oldest go, and are counted`, () => {
    const world = new World();
    for (let i = 0; i < QUEUE_MAX + 3; i++) world.on({ kind: 'notify', notification: trap(i) });
    expect(world.state.queue[0]).to.deep.equal(trap(3));
    expect(world.state.dropped).to.equal(3);
  });

  it('stop closes the session in order, and nothing wakes it again', () => {
    const world = new World().serving().on({ kind: 'stop' });
    expect(world.sent[0]).to.deep.include({ kind: 'close', reason: 5 });
    expect(world.kinds).to.deep.equal(['send', 'hang-up']);
    for (const event of [{ kind: 'lost', why: '' }, { kind: 'start' }, { kind: 'tick' }] as const) {
      expect(world.on(event).kinds).to.deep.equal([]);
    }
    expect(world.armedMs).to.equal(Number.POSITIVE_INFINITY);
  });
});
