import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ok, type Result } from '@softset/base';
import type { GeoConflict, GeoLease } from '@softset/protocol';
import { readCheckedSync, writeChecked } from '@softset/runtime/atomic-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import type { Kept } from '../core/state.js';

/** A client waits for the disk no longer than this: a lease that is lost is found again in the switches. */
const PATIENCE_MS = 250;
const RETRY_MS = 1000;

export interface LeaseFileHandlers {
  /** Once when the disk stops taking it, and once when it takes it again (`LEASES_WRITTEN`). */
  readonly onTrouble: (code: string, message: string) => void;
}

/**
 * The leases on disk, whole, with a checksum, written anew for each change: a chassis has some hundred ports. Changes
 * that come while one is being written go together into the next.
 */
export class LeaseFile {
  readonly #path: string;
  readonly #handlers: LeaseFileHandlers;
  #newest: Kept | undefined;
  #writing: Promise<void> | undefined;
  /** How many were given to `keep`, and how many of those are on disk. */
  #given = 0;
  #written = 0;
  /** Who waits for which of them. */
  readonly #waiting = new Set<{ readonly given: number; readonly done: () => void }>();
  #trouble = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(path: string, handlers: LeaseFileHandlers) {
    this.#path = path;
    this.#handlers = handlers;
  }

  /** What an earlier life kept. Errors: `ENOENT`, `CHECKSUM_MISMATCH`, `LEASES_INVALID`, errno's names. */
  static read(path: string): Result<Kept> {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    } catch (error) {
      return errnoFailure(error, `make the folder of ${path}`);
    }
    const body = readCheckedSync(path);
    if (!body.ok) return body;
    const kept = decodeKept(body.value);
    return kept === undefined
      ? { ok: false, code: 'LEASES_INVALID', message: `${path} is of another version` }
      : ok(kept);
  }

  keep(kept: Kept): void {
    this.#given++;
    this.#newest = kept;
    this.#writing ??= this.#write();
  }

  /**
   * Resolves when all that was given to `keep` until now is on disk, or the disk has had its chance. What is given
   * later is waited for by others: else, while boards keep asking, nobody would be answered before his patience is over.
   */
  settled(): Promise<void> {
    if (this.#written >= this.#given || this.#trouble) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(one);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      const one = { given: this.#given, done };
      this.#waiting.add(one);
    });
  }

  async #write(): Promise<void> {
    while (this.#newest !== undefined) {
      const kept = this.#newest;
      const given = this.#given;
      this.#newest = undefined;
      const written = await writeChecked(this.#path, JSON.stringify({ version: 1, ...kept }), { fsync: true });
      if (written.ok === this.#trouble) {
        this.#trouble = !written.ok;
        this.#handlers.onTrouble(
          written.ok ? 'LEASES_WRITTEN' : written.code,
          written.ok ? 'written again' : written.message,
        );
      }
      if (written.ok) this.#written = given;
      for (const one of this.#waiting) if (one.given <= this.#written || this.#trouble) one.done();
      if (written.ok) continue;
      this.#newest ??= kept;
      await new Promise<void>((resolve) => {
        this.#retry = setTimeout(resolve, RETRY_MS).unref();
      });
    }
    this.#writing = undefined;
  }

  async close(): Promise<void> {
    await this.settled();
    clearTimeout(this.#retry);
  }
}

function decodeKept(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, leases, conflicts, shared } = (value ?? {}) as { [key: string]: unknown };
  const good =
    version === 1 &&
    Array.isArray(leases) &&
    leases.every(isLease) &&
    Array.isArray(conflicts) &&
    conflicts.every(isConflict) &&
    Array.isArray(shared) &&
    shared.every((place) => typeof place === 'string');
  return good ? { leases, conflicts, shared } : undefined;
}

function isLease(value: unknown): value is GeoLease {
  const { ip, mac, place, name, by, sinceMs, untilMs } = (value ?? {}) as { [key: string]: unknown };
  const texts = [ip, mac, place, name].every((text) => typeof text === 'string');
  const times = Number.isFinite(sinceMs) && (untilMs === undefined || Number.isFinite(untilMs));
  return texts && times && (by === 'dhcp' || by === 'bootp' || by === 'rarp');
}

function isConflict(value: unknown): value is Omit<GeoConflict, 'untilMs'> {
  const { ip, place, by, where, sinceMs } = (value ?? {}) as { [key: string]: unknown };
  return (
    [ip, place, where].every((text) => typeof text === 'string') &&
    (by === undefined || typeof by === 'string') &&
    Number.isFinite(sinceMs)
  );
}
