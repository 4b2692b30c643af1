import { createHash } from 'node:crypto';

/** Hexadecimal; the first twelve digits name a file's revision in decisions. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
