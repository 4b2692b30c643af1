import { statSync } from 'node:fs';
import { fail, ok } from '@softset/base';
import type { ConfigurationMethods } from '@softset/protocol';
import { type Authorize, type Caller, type MethodTable, noParams, paramsBy } from '@softset/runtime/control-methods.js';
import type { Configuration } from './configuration.js';
import { commitParams, textParams, whichParams } from './control-params.js';
import type { Wishes } from './wishes.js';

export const nameOf = ({ name, uid, pid }: Caller): string => `${name ?? 'somebody'} (uid ${uid}, pid ${pid})`;

/** What of these changes what boards run, and with which key they speak. */
const GUARDED = new Set<string>([
  'configurationPush',
  'configurationCommit',
  'configurationConfirm',
  'configurationRollback',
  'keyRotate',
  'keyResume',
]);

/**
 * A cluster file says which programs run: who may roll one out is who could have written it by hand, which is its owner,
 * and root. Everything else the socket's mode decides. Error: `FORBIDDEN`.
 */
export function ownersConfigure(clusterFile: string): Authorize {
  return ({ uid }, act) => {
    if (act.kind !== 'call' || !GUARDED.has(act.method) || uid === 0 || uid === ownerOf(clusterFile))
      return ok(undefined);
    return fail('FORBIDDEN', `user ${uid} may not ${act.method}: root may, or who owns ${clusterFile}`);
  };
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/** `softset config …` on this board's socket: who asked is journaled. */
export function configurationMethods(configuration: Configuration, wishes: Wishes): MethodTable<ConfigurationMethods> {
  return {
    configuration: { decode: noParams, handle: () => configuration.state() },
    configurationText: { decode: paramsBy(whichParams), handle: ({ which }) => configuration.text(which) },
    configurationCheck: { decode: paramsBy(textParams), handle: ({ text }) => configuration.check(text) },
    configurationPush: {
      decode: paramsBy(textParams),
      mutation: true,
      handle: ({ text }, caller) => configuration.push(text, nameOf(caller)),
    },
    configurationCommit: {
      decode: paramsBy(commitParams),
      mutation: true,
      handle: ({ confirmMs }, caller) => configuration.commit(confirmMs, nameOf(caller)),
    },
    configurationConfirm: {
      decode: noParams,
      mutation: true,
      handle: (_, caller) => wishes.utter({ kind: 'rollout', rollout: { kind: 'confirm' }, who: nameOf(caller) }),
    },
    configurationRollback: {
      decode: noParams,
      mutation: true,
      handle: (_, caller) => configuration.rollback(nameOf(caller)),
    },
  };
}
