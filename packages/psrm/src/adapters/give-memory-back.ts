import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trimHeap } from '@softset/linux/trim-heap.js';

/**
 * Gives back what only the start needed, or reading the cluster file: V8 collects when more is asked for, which in a
 * daemon that idles may be days away. It takes some 30 ms, so not while programs wait for their start.
 */
export function giveMemoryBack(): void {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--compact-on-every-full-gc');
  // By these zod would keep itself alive, and with it every schema, though nobody holds a thing of it any more.
  for (const name of ['__zod_globalConfig', '__zod_globalRegistry']) Reflect.deleteProperty(globalThis, name);
  // Only contexts that are made now have it.
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-compact-on-every-full-gc');
  setFlagsFromString('--no-expose-gc');
  trimHeap();
}
