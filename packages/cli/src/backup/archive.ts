import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '@softset/base';
import { inFolder } from '@softset/protocol/enrolment.js';

export interface Kept {
  /** Relative to the folder of the cluster file. */
  readonly name: string;
  readonly base64: string;
}

/** What a backup file says: settings, or secrets, never both. */
export interface Archive {
  readonly format: 'softset-backup-1';
  readonly kind: 'settings' | 'secrets';
  /** Of the cluster. */
  readonly cluster: string;
  readonly number: number;
  /** By which software, and when (wall time). */
  readonly software: string;
  readonly time: string;
  readonly files: readonly Kept[];
}

export const bytesOf = ({ base64 }: Kept): Buffer => Buffer.from(base64, 'base64');
const digest = (body: string): string => createHash('sha256').update(body).digest('hex');

/** The first line has a checksum of what follows: a medium that lay in a drawer for years may lie. */
export function encodeArchive(archive: Archive): string {
  const body = `${JSON.stringify(archive, undefined, 1)}\n`;
  return `softset-sha256 ${digest(body)}\n${body}`;
}

/** Errors: `BACKUP_INVALID`, for anything that was not written by `encodeArchive`, or is damaged. */
export function decodeArchive(text: string, path: string): Result<Archive, 'BACKUP_INVALID'> {
  const bad = (why: string): Result<Archive, 'BACKUP_INVALID'> => fail('BACKUP_INVALID', `${path}: ${why}`);
  const [, sum, body] = /^softset-sha256 ([0-9a-f]{64})\n(.*)$/s.exec(text) ?? [];
  if (sum === undefined || body === undefined) return bad('this is no backup of softset');
  if (digest(body) !== sum) return bad('it is damaged: its content does not match its checksum');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return bad('it is no JSON');
  }
  if (typeof value !== 'object' || value === null) return bad('it is no backup');
  const { format, kind, cluster, number, software, time, files } = value as Record<string, unknown>;
  if (format !== 'softset-backup-1') return bad(`format ${JSON.stringify(format)} is not known here`);
  const head = kind === 'settings' || kind === 'secrets';
  const texts = [cluster, software, time].every((one) => typeof one === 'string');
  if (!head || !texts || typeof number !== 'number' || !Array.isArray(files)) return bad('it is no backup');
  if (!files.every(isKept)) return bad('a file in it has no good name, or would leave its folder');
  return ok(value as Archive);
}

function isKept(value: unknown): value is Kept {
  const { name, base64 } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return typeof name === 'string' && inFolder(name) && typeof base64 === 'string';
}
