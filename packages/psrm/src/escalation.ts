import { readFileSync } from 'node:fs';
import type { AlarmCause, Cluster } from '@softset/protocol';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import type { Logger } from '@softset/runtime/log.js';
import type { Children } from './adapters/children.js';
import { environmentWith } from './adapters/spawn.js';
import { climb, initialLadder, type Ladder, type LadderEffect, type LadderEvent } from './core/ladder.js';

export interface EscalationOptions {
  readonly rungs: Cluster['escalation'];
  /** Where the counts are kept; on a disk, for they must outlive a boot. */
  readonly file: string;
  /** Within one boot the phase and the alarm are taken up again as well. */
  readonly boot: string;
  readonly children: Children;
  readonly log: Logger;
  /** Every program of a service is given up here. */
  readonly failOver: (why: string) => void;
  /** The board's alarm changed: `undefined` clears it. */
  readonly onAlarm: () => void;
}

export interface BoardAlarm {
  readonly cause: Extract<AlarmCause, 'BOARD_GIVEN_UP' | 'BOARD_BEYOND_REBOOT' | 'BOARD_REBOOTS'>;
  readonly text: string;
}

/** The shell of the ladder's rungs above a program. */
export class Escalation {
  readonly #options: EscalationOptions;
  #rungs: Cluster['escalation'];
  #ladder: Ladder;
  #alarm: BoardAlarm | undefined;

  constructor(options: EscalationOptions) {
    this.#options = options;
    this.#rungs = options.rungs;
    const { alarm, ...ladder } = read(options.file, options.boot);
    this.#ladder = { ...initialLadder, ...ladder };
    this.#alarm = alarm;
  }

  get alarm(): BoardAlarm | undefined {
    return this.#alarm;
  }

  reconfigure(rungs: Cluster['escalation']): void {
    this.#rungs = rungs;
  }

  tell(event: LadderEvent): void {
    const { ladder, effects } = climb(this.#ladder, event, Date.now(), this.#rungs ?? {});
    this.#ladder = ladder;
    for (const effect of effects) this.#perform(effect);
    if (event.kind === 'rearmed') this.#raise(undefined);
  }

  #perform(effect: LadderEffect): void {
    const { log, failOver } = this.#options;
    switch (effect.kind) {
      case 'keep':
        this.#keep();
        break;
      case 'fail-over':
        log.error('board-given-up', { why: effect.why });
        this.#raise({ cause: 'BOARD_GIVEN_UP', text: effect.why });
        failOver(effect.why);
        break;
      case 'reboot':
        log.error('board-reboots', { why: effect.why });
        this.#raise({ cause: 'BOARD_REBOOTS', text: effect.why });
        this.#reboot();
        break;
      case 'stay':
        log.error('board-beyond-reboot', { why: effect.why });
        this.#raise({ cause: 'BOARD_BEYOND_REBOOT', text: effect.why });
        break;
    }
  }

  #reboot(): void {
    const { children, log } = this.#options;
    const command = this.#rungs?.reboot?.command ?? [];
    const [file = ''] = command;
    // Standard error of psrmd: what it complains of is in psrmd's own log.
    const spec = { file, args: command, environment: environmentWith(), directory: '/', output: 2 };
    const started = children.start(spec, (end) => log.info('reboot-command-ended', { ...end }));
    if (!started.ok) log.error('reboot-failed', { code: started.code, text: started.message });
  }

  #raise(alarm: BoardAlarm | undefined): void {
    if (alarm === this.#alarm) return;
    this.#alarm = alarm;
    this.#keep();
    this.#options.onAlarm();
  }

  #keep(): void {
    const { file, boot, log } = this.#options;
    const written = writeFileAtomicSync(file, JSON.stringify({ ...this.#ladder, boot, alarm: this.#alarm }));
    if (!written.ok) log.error('ladder-not-kept', { code: written.code, text: written.message });
  }
}

/** Counts that cannot be read are lost; the ladder begins at its foot. */
function read(file: string, boot: string): Partial<Ladder> & { readonly alarm?: BoardAlarm } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    const { givenUpMs, failoversMs, rebootsMs, ...rest } = value as { [key: string]: unknown };
    if (!isTimes(givenUpMs) || !isTimes(failoversMs) || !isTimes(rebootsMs)) return {};
    const counts = { givenUpMs, failoversMs, rebootsMs };
    const { phase, alarm } = rest;
    if (rest.boot !== boot || (phase !== 'emptying' && phase !== 'rested')) return counts;
    return { ...counts, phase, ...(isAlarm(alarm) ? { alarm } : {}) };
  } catch {
    return {};
  }
}

function isAlarm(value: unknown): value is BoardAlarm {
  return typeof value === 'object' && value !== null && 'cause' in value && 'text' in value;
}

function isTimes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((atMs) => Number.isFinite(atMs));
}
