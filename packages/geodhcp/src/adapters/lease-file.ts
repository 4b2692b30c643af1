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
    this.#newest = kept;
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was given to `keep` is on disk, or the disk has had its chance. */
  async settled(): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (this.#writing !== undefined && !this.#trouble && performance.now() < endMs) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, endMs - performance.now());
      });
      await Promise.race([this.#writing, patience]);
      clearTimeout(timer);
    }
  }

  async #write(): Promise<void> {
    while (this.#newest !== undefined) {
      const kept = this.#newest;
      this.#newest = undefined;
      const written = await writeChecked(this.#path, JSON.stringify({ version: 1, ...kept }), { fsync: true });
      if (written.ok === this.#trouble) {
        this.#trouble = !written.ok;
        this.#handlers.onTrouble(
          written.ok ? 'LEASES_WRITTEN' : written.code,
          written.ok ? 'written again' : written.message,
        );
      }
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
