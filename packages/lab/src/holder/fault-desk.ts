import { fail, ok, type Result } from '@softset/base';
import { monotonicMs } from '../clock.js';
import { type Fault, faultId, oneShot } from '../fault.js';
import type { Chassis } from './chassis.js';
import type { Hands } from './hands.js';

export interface Effect {
  /** CLOCK_MONOTONIC ms just before the call that made it so: an outage counted from here is never too short. */
  readonly atMs: number;
  /** From the order to the last of its effects. */
  readonly tookMs: number;
}

/** Does faults and undoes them, one at a time, and knows which stand. */
export class FaultDesk {
  readonly #chassis: Chassis;
  #standing: readonly Fault[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(chassis: Chassis) {
    this.#chassis = chassis;
  }

  get standing(): readonly string[] {
    return this.#standing.map(faultId);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Errors: `FAULT_CONFLICT`, `LAB_NOT_RUNNING`, `LAB_NO_DAEMON`, and the kernel's. */
  fault(fault: Fault): Promise<Result<Effect>> {
    return this.#inTurn(async () => {
      const beganMs = monotonicMs();
      const id = faultId(fault);
      const others = this.#standing.filter((f) => faultId(f) !== id);
      if (fault.kind === 'partition' && others.some((f) => f.kind === 'partition')) {
        return fail('FAULT_CONFLICT', 'the chassis is partitioned already: heal that first');
      }
      if ('board' in fault && others.some((f) => f.kind === 'crash' && f.board === fault.board)) {
        return fail('FAULT_CONFLICT', `${fault.board} is crashed: return it first`);
      }
      if (fault.kind === 'crash' && others.length !== this.#standing.length) return ok({ atMs: beganMs, tookMs: 0 });
      const before = this.#standing;
      if (!oneShot(fault)) this.#standing = [...others, fault];
      const done = await this.#act(fault);
      // What could not be done does not stand; half a fault is undone.
      if (!done.ok) {
        this.#standing = before;
        this.#chassis.apply(before);
        return done;
      }
      return ok({ atMs: done.value, tookMs: monotonicMs() - beganMs });
    });
  }

  /** Heals one fault, or all; at the end of the call everything is as the remaining faults want. */
  heal(id?: string): Promise<Result<Effect>> {
    return this.#inTurn(async () => {
      const beganMs = monotonicMs();
      const gone = this.#standing.filter((f) => id === undefined || faultId(f) === id);
      if (id !== undefined && gone.length === 0) {
        return fail('FAULT_NOT_STANDING', `"${id}" does not stand; these do: ${this.standing.join('; ') || 'none'}`);
      }
      const rest = this.#standing.filter((f) => !gone.includes(f));
      const down = new Set(rest.flatMap((f) => (f.kind === 'crash' ? [f.board] : [])));
      this.#standing = rest;
      const atMs = monotonicMs();
      const links = this.#chassis.apply(rest);
      if (!links.ok) return links;
      const returns = gone.flatMap((f) => (f.kind === 'crash' ? [f.board] : []));
      // A reboot cures what was wrong with a board's processes; what was wrong before the crash is no more.
      this.#standing = rest.filter((f) => !('board' in f && returns.includes(f.board) && ofProcesses(f)));
      for (const fault of gone) {
        if (!('board' in fault) || returns.includes(fault.board) || down.has(fault.board)) continue;
        const done = await this.#undo(fault);
        if (!done.ok) return done;
      }
      const booted = await Promise.all(returns.map((board) => this.#chassis.reboot(board, this.#standing)));
      const failed = booted.find((result) => !result.ok);
      if (failed !== undefined && !failed.ok) return failed;
      return ok({ atMs, tookMs: monotonicMs() - beganMs });
    });
  }

  async #undo(fault: Fault): Promise<Result<unknown>> {
    switch (fault.kind) {
      case 'freeze':
        return this.#init(fault.board, 'thaw', { daemon: fault.daemon });
      case 'kill':
        return this.#init(fault.board, 'start', { daemon: fault.daemon });
      case 'program-hang': {
        const done = await this.#init(fault.board, 'program-signal', { program: fault.program, signal: 'SIGCONT' });
        // Its supervisor may have killed the hung program: nothing is left to heal.
        return done.ok || done.code !== 'LAB_NOT_RUNNING' ? done : ok({ atMs: monotonicMs() });
      }
      default:
        return ok(undefined);
    }
  }

  #init(board: string, method: string, params: Record<string, unknown>): Promise<Result<{ atMs: number }>> {
    const machine = this.#chassis.boards.get(board);
    if (machine?.firstPid === undefined) return Promise.resolve(fail('LAB_NOT_RUNNING', `${board} is not running`));
    return machine.init<{ atMs: number }>(method, params);
  }

  async #viaInit(board: string, method: string, params: Record<string, unknown>): Promise<Result<number>> {
    const done = await this.#init(board, method, params);
    return done.ok ? ok(done.value.atMs) : done;
  }

  /** The instant at which it took effect. */
  async #act(fault: Fault): Promise<Result<number>> {
    const atMs = monotonicMs();
    switch (fault.kind) {
      case 'crash': {
        const crashedMs = this.#chassis.crash(fault.board, this.#standing);
        this.#standing = this.#standing.filter((f) => !('board' in f && f.board === fault.board && ofProcesses(f)));
        return ok(crashedMs ?? atMs);
      }
      case 'freeze':
        return this.#viaInit(fault.board, 'freeze', { daemon: fault.daemon });
      case 'kill': {
        if (!fault.forGood) return this.#viaInit(fault.board, 'kill', { daemon: fault.daemon });
        const held = await this.#viaInit(fault.board, 'hold', { daemon: fault.daemon });
        if (!held.ok) return held;
        const killed = await this.#viaInit(fault.board, 'kill', { daemon: fault.daemon });
        // One that is down between two tries stays down, which is what was wanted.
        return killed.ok || killed.code !== 'LAB_NOT_RUNNING' ? killed : held;
      }
      case 'program-kill':
      case 'program-hang': {
        const signal = fault.kind === 'program-kill' ? 'SIGKILL' : 'SIGSTOP';
        return this.#viaInit(fault.board, 'program-signal', { program: fault.program, signal });
      }
      case 'flush-nft':
        return this.#insideBoard(fault.board, (hands) => hands.nft('flush ruleset\n'));
      case 'iface-down-up':
        return this.#insideBoard(fault.board, (hands) => {
          const device = fault.network === 'A' ? 'a0' : 'b0';
          const down = hands.setLinkUp(device, false);
          return down.ok ? hands.setLinkUp(device, true) : down;
        });
      default: {
        const done = this.#chassis.apply(this.#standing);
        return done.ok ? ok(atMs) : done;
      }
    }
  }

  /** Through the lab's hands inside the board. */
  #insideBoard(board: string, work: (hands: Hands) => Result<unknown>): Result<number> {
    const hands = this.#chassis.boards.get(board)?.hands;
    if (hands === undefined) return fail('LAB_NOT_RUNNING', `${board} is not running`);
    const atMs = monotonicMs();
    const done = work(hands);
    return done.ok ? ok(atMs) : done;
  }
}

/** Faults of a board's processes, which a crash ends. */
function ofProcesses(fault: Fault): boolean {
  return fault.kind === 'freeze' || fault.kind === 'kill' || fault.kind === 'program-hang';
}
