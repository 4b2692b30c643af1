import type { ConfigurationMethods } from '@softset/protocol';
import { type Caller, type MethodTable, noParams, paramsBy } from '@softset/runtime/control-methods.js';
import type { Configuration } from './configuration.js';
import { commitParams, textParams, whichParams } from './control-params.js';
import type { Wishes } from './wishes.js';

export const nameOf = ({ name, uid, pid }: Caller): string => `${name ?? 'somebody'} (uid ${uid}, pid ${pid})`;

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
      handle: (_, caller) => wishes.utter({ kind: 'rollout', rollout: { kind: 'rollback' }, who: nameOf(caller) }),
    },
  };
}
