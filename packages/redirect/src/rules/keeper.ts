import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { writeFileAtomic } from '@softset/runtime/atomic-file.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import type { World } from '../core/rules/world.js';
import { readRuleTexts } from './folder.js';
import { type Loaded, loadOrFail, type RuleText } from './load.js';
import { sha256 } from './revision.js';

/** Where rules files are: beside the cluster file. */
export function rulesFolder(clusterFile: string): string {
  return join(dirname(clusterFile), 'rules');
}

export interface KeptRules {
  readonly set: RuleSet | undefined;
  /** Why the files are not what runs; undefined: they are. */
  readonly refused: string | undefined;
}

/**
 * The rules files of a board. A set that is wrong is refused, told and alarmed, and the last good one goes on: in
 * memory, and in the state directory, so that a daemon that starts over a broken file has rules all the same.
 */
export class RulesKeeper {
  readonly #folder: string;
  readonly #keptFile: string | undefined;
  readonly #world: World;
  #seen = '';
  /** What the files looked like, without being read: at the last look, and when they were read last. */
  #shape = '';
  #read = '';
  #set: RuleSet | undefined;
  #refused: string | undefined;

  constructor(folder: string, stateDir: string | undefined, world: World) {
    this.#folder = folder;
    this.#keptFile = stateDir === undefined ? undefined : join(stateDir, 'redirectd.rules.json');
    this.#world = world;
  }

  get kept(): KeptRules {
    return { set: this.#set, refused: this.#refused };
  }

  /** At the start: the files, or the set that was good last. */
  open(): KeptRules {
    this.look();
    if (this.#refused === undefined || this.#set !== undefined) return this.kept;
    const last = this.#readKept();
    if (last.ok) this.#set = last.value.set;
    return this.kept;
  }

  /**
   * Reads the files again where they changed; true when there is something to tell: a new set, or a refusal. Unless
   * `now`, a change is read when it was the same at two looks: an editor writes a file in pieces.
   */
  look(now = true): boolean {
    const shape = shapeOf(this.#folder);
    const rests = shape === this.#shape;
    this.#shape = shape;
    if (shape === this.#read || (!now && !rests)) return false;
    this.#read = shape;
    const texts = existsSync(this.#folder) ? readRuleTexts([this.#folder], true) : ok([]);
    const mark = texts.ok ? sha256(JSON.stringify(texts.value)) : `${texts.code} ${texts.message}`;
    if (mark === this.#seen) return false;
    this.#seen = mark;
    const loaded: Result<Loaded> = texts.ok ? loadOrFail(texts.value, this.#world) : texts;
    if (!loaded.ok) {
      this.#refused = `${loaded.code}: ${loaded.message}`;
      return true;
    }
    this.#refused = undefined;
    this.#set = loaded.value.set;
    if (texts.ok) this.#keep(texts.value);
    return true;
  }

  #keep(texts: readonly RuleText[]): void {
    if (this.#keptFile === undefined) return;
    // Not awaited: it is for the next start, and a disk that is full must not keep good rules from running.
    void writeFileAtomic(this.#keptFile, JSON.stringify(texts));
  }

  #readKept(): Result<Loaded> {
    try {
      const texts: unknown = JSON.parse(readFileSync(this.#keptFile ?? '', 'utf8'));
      const good =
        Array.isArray(texts) && texts.every((one) => typeof one?.name === 'string' && typeof one?.text === 'string');
      return good
        ? loadOrFail(texts as RuleText[], this.#world)
        : fail('RULES_INVALID', 'what was kept cannot be read');
    } catch (error) {
      return fail('RULES_INVALID', String(error));
    }
  }
}

function shapeOf(folder: string): string {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const { ino, size, mtimeMs, ctimeMs, mode } = statSync(join(folder, name));
        return `${name} ${ino} ${size} ${mtimeMs} ${ctimeMs} ${mode}`;
      })
      .join('\n');
  } catch (error) {
    return String(error);
  }
}
