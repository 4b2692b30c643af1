import { join } from 'node:path';
import type { Result } from '@softset/base';
import { KEPT_CONFIGURATION, type KeptConfiguration } from '@softset/protocol/kept-configuration.js';
import { writeChecked } from '@softset/runtime/atomic-file.js';

/** Whole, with a checksum, and on disk before it is answered: all daemons of this board start by it. Errors: errno's names. */
export function keepConfiguration(directory: string, record: KeptConfiguration): Promise<Result<void>> {
  return writeChecked(join(directory, KEPT_CONFIGURATION), JSON.stringify(record), { fsync: true, mode: 0o640 });
}
