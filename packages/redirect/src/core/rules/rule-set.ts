import type { Condition, FactValue, Leaf, Window } from './facts.js';
import type { Step } from './read-actions.js';
import type { Command, OnLimit, OnUnknown } from './read-file.js';
import type { Group, Scope } from './scope.js';
import type { Bindings } from './template.js';
import type { Limit } from './words.js';
import type { World } from './world.js';

/** A rule as it is written: its conditions and steps still hold variables. */
export interface Rule {
  readonly index: number;
  readonly name: string;
  readonly file: number;
  readonly at: number;
  readonly scope: Scope;
  readonly when: Condition;
  readonly forMs: number;
  readonly clearAfterMs: number;
  readonly unknown: OnUnknown;
  readonly priority: number;
  readonly key?: string;
  readonly limit: Limit | 'none';
  readonly onLimit: OnLimit;
  readonly do: readonly Step[];
  readonly else: readonly Step[];
  readonly onClear: readonly Step[];
}

/** A rule for one thing of its scope. */
export interface Instance {
  readonly index: number;
  readonly rule: number;
  /** `media board lost [io-1]`. */
  readonly id: string;
  readonly bindings: Bindings;
  readonly key?: string;
  /** Of the rule's conditions, in their order, with this instance's names. */
  readonly leaves: readonly Leaf[];
  /** What each leaf's value is kept under. */
  readonly sources: readonly string[];
}

export interface RuleTest {
  readonly name: string;
  readonly file: number;
  readonly at: number;
  /** Ascending; undefined: the fact is unknown from then on. */
  readonly facts: readonly { readonly atMs: number; readonly set: ReadonlyMap<string, FactValue | undefined> }[];
  readonly expect: readonly { readonly atMs: number; readonly at: number; readonly actions: readonly string[] }[];
  readonly fail: readonly string[];
}

export interface RuleFileInfo {
  readonly name: string;
  /** Hash of its text: what a decision was made by. */
  readonly revision: string;
}

/** All rules files together, checked. Plain data but for its indexes. */
export interface RuleSet {
  readonly files: readonly RuleFileInfo[];
  readonly world: World;
  readonly groups: ReadonlyMap<string, Group>;
  readonly commands: ReadonlyMap<string, Command>;
  readonly rules: readonly Rule[];
  readonly instances: readonly Instance[];
  readonly tests: readonly RuleTest[];
  /** Which instances ask for a source: only these are evaluated when it changes. */
  readonly bySource: ReadonlyMap<string, readonly number[]>;
  /** Sources that see a fact through a window, by the fact. */
  readonly windowsOf: ReadonlyMap<string, readonly { readonly source: string; readonly window: Window }[]>;
}

export const EMPTY_WORLD_SET: Omit<RuleSet, 'world'> = {
  files: [],
  groups: new Map(),
  commands: new Map(),
  rules: [],
  instances: [],
  tests: [],
  bySource: new Map(),
  windowsOf: new Map(),
};
