import { type BoardId, NETWORKS } from '@softset/protocol';
import { type Board, twinOf } from './board.js';
import type { BoardRef, Fault } from './fault.js';
import type { Strike } from './process.js';
import { FENCES_OBEY, type World } from './world.js';

/** Makes a fault happen, and plans its end. What is healed meanwhile does not end twice: `healed` counts the healings. */
export function apply(world: World, fault: Fault, healed: () => boolean) {
  const { timeline, trace, wire } = world;
  const { atMs: _, kind, ...fields } = fault;
  trace.note(0, kind, fields);
  const later = (ms: number, undo: () => void): void => timeline.after(ms, () => (healed() ? undefined : undo()));
  const carriers = (): void => {
    for (const board of world.boards.values()) board.carriers();
  };
  switch (fault.kind) {
    case 'freeze': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const within = fault.process === 'board' ? (fault.within ?? 'netrackd') : fault.process;
      const stop = (): void =>
        fault.process === 'board' ? board.freeze(fault.ms) : board[fault.process]?.freeze(fault.ms);
      if (fault.before === undefined && fault.steps === undefined) return stop();
      const note = (): void => trace.note(board.id, 'strikes', { before: fault.before, freezeMs: fault.ms });
      const done = (): void => {
        note();
        if (fault.process === 'board') board.freeze(fault.ms);
      };
      board[within]?.strike({ ...whenOf(fault), freezeMs: fault.ms, done });
      return;
    }
    case 'kill': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const kill = (): void => {
        trace.note(board.id, 'dies', fault.process);
        board.kill(fault.process);
        later(fault.ms, () => board.start(fault.process));
      };
      if (fault.before === undefined && fault.steps === undefined) return kill();
      board[fault.process]?.strike({ ...whenOf(fault), kill });
      return;
    }
    case 'reboot': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const kill = (): void => {
        trace.note(board.id, 'power-off', fault.disk);
        board.powerOff(fault.disk);
        later(fault.ms, () => board.powerOn());
      };
      if (fault.before === undefined && fault.steps === undefined) return kill();
      board[fault.within ?? 'netrackd']?.strike({ ...whenOf(fault), kill });
      return;
    }
    case 'link': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const { linkDown } = wire.segments[fault.network];
      add(linkDown, board.id, 1);
      carriers();
      return later(fault.ms, () => {
        add(linkDown, board.id, -1);
        carriers();
      });
    }
    case 'mute': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const mute = (by: 1 | -1): void => {
        for (const network of fault.networks) {
          const { muteTx, muteRx } = wire.segments[network];
          if (fault.way !== 'rx') add(muteTx, board.id, by);
          if (fault.way !== 'tx') add(muteRx, board.id, by);
        }
      };
      mute(1);
      return later(fault.ms, () => mute(-1));
    }
    case 'cut': {
      const cut = (by: 1 | -1): void => {
        for (const network of fault.networks) for (const [from, to] of fault.pairs) wire.block(network, from, to, by);
      };
      cut(1);
      return later(fault.ms, () => cut(-1));
    }
    case 'switch': {
      const fail = (by: 1 | -1): void => {
        for (const id of world.boards.keys()) add(wire.segments[fault.network].linkDown, id, by);
        carriers();
      };
      fail(1);
      return later(fault.ms, () => fail(-1));
    }
    case 'loss': {
      const { network, pairs } = fault;
      const lose = (percent: number): void => {
        if (pairs === undefined) wire.segments[network].loss = percent;
        else for (const [from, to] of pairs) wire.lose(network, from, to, percent);
      };
      lose(fault.percent);
      return later(fault.ms, () => lose(0));
    }
    case 'late':
      wire.segments[fault.network].late = fault.percent;
      return later(fault.ms, () => {
        wire.segments[fault.network].late = 0;
      });
    case 'relay-late':
      world.relayLate = { percent: fault.percent, upToMs: fault.upToMs };
      return later(fault.ms, () => {
        world.relayLate = { percent: 0, upToMs: 0 };
      });
    case 'fences-obey':
    case 'fences-fail':
      world.fencesObey = fault.kind === 'fences-obey' ? 1 : 0;
      return later(fault.ms, () => {
        world.fencesObey = FENCES_OBEY;
      });
    case 'copies': {
      const board = resolve(world, fault.board);
      if (!board) return;
      for (const network of NETWORKS) wire.segments[network].copies.set(board.id, fault.byMs);
      return later(fault.ms, () => {
        for (const network of NETWORKS) wire.segments[network].copies.delete(board.id);
      });
    }
    case 'trunk':
      wire.trunkCut++;
      return later(fault.ms, () => {
        wire.trunkCut--;
      });
    case 'clock-step':
      return resolve(world, fault.board)?.clock.step(fault.byMs);
    case 'twin': {
      const board = resolve(world, fault.board);
      if (!board) return;
      const twin = twinOf(world, board);
      world.twins.add(twin);
      twin.powerOn();
      return later(fault.ms, () => twin.powerOff('lost'));
    }
    case 'misjudge':
      for (const ref of fault.boards) resolve(world, ref)?.netrackd?.misjudge();
      return;
    case 'wish': {
      const board = resolve(world, fault.board);
      if (!board) return;
      for (const { redirectd } of world.boards.values()) redirectd?.wish(`${timeline.nowMs}`, fault.service, board.id);
      return;
    }
    case 'change': {
      for (const { redirectd } of world.boards.values()) redirectd?.change(`${timeline.nowMs}`, fault.change);
      return;
    }
    case 'force':
      resolve(world, fault.board)?.netrackd?.receive({ kind: 'force', id: 0, who: 'an operator' });
      return;
    case 'flush': {
      const board = resolve(world, fault.board);
      if (!board?.powered) return;
      world.safety.endAll(board);
      board.kernel.elements.clear();
      board.pulse?.receive({ kind: 'flushed', by: 'somebody' });
    }
  }
}

/** Everything works again: power, processes, links. */
export function healAll(world: World): void {
  world.trace.note(0, 'healed', '');
  world.wire.heal();
  world.fencesObey = FENCES_OBEY;
  world.relayLate = { percent: 0, upToMs: 0 };
  for (const twin of world.twins) twin.powerOff('lost');
  world.twins.clear();
  for (const board of world.boards.values()) {
    board.powerOn();
    board.thaw();
    for (const name of ['pulse', 'netrackd', 'redirectd'] as const) board.start(name);
    board.carriers();
  }
}

function whenOf({
  before,
  steps,
}: {
  readonly before?: string;
  readonly steps?: number;
}): Pick<Strike, 'kind' | 'steps'> {
  return before === undefined ? { steps: steps ?? 0 } : { kind: before, steps: steps ?? 0 };
}

function resolve(world: World, ref: BoardRef): Board | undefined {
  if (typeof ref === 'number') return world.boards.get(ref);
  const boards = [...world.boards.values()];
  const directors = boards.filter((board) => board.netrackd?.state.role === 'director');
  const director = directors.sort((a, b) => (b.netrackd?.state.term ?? 0) - (a.netrackd?.state.term ?? 0))[0];
  if (ref === 'director') return director;
  if (ref === 'deputy') return world.boards.get(director?.netrackd?.state.lead?.deputy ?? 0);
  const service = world.cluster.services[0]?.name ?? '';
  return boards.find((board) => board.standing(service));
}

function add(counters: Int16Array, id: BoardId, by: number): void {
  counters[id] = (counters[id] ?? 0) + by;
}
