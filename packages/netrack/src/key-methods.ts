import type { KeyMethods } from '@softset/protocol';
import { type MethodTable, noParams, paramsBy } from '@softset/runtime/control-methods.js';
import { nameOf } from './configuration-methods.js';
import { resumeParams } from './control-params.js';
import type { Keys } from './keys.js';

/** `softset key …` on this board's socket: who asked is journaled. */
export function keyMethods(keys: Keys): MethodTable<KeyMethods> {
  return {
    keyStatus: { decode: noParams, handle: () => keys.status() },
    keyRotate: { decode: noParams, mutation: true, handle: (_, caller) => keys.rotate(nameOf(caller)) },
    keyResume: {
      decode: paramsBy(resumeParams),
      mutation: true,
      handle: ({ how }, caller) => keys.resume(nameOf(caller), how),
    },
  };
}
