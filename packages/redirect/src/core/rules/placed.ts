/** A YAML value that remembers where it stood: offsets into the file's text. Plain data, made by the shell's reader. */
export type Placed =
  | {
      readonly kind: 'scalar';
      readonly at: number;
      /** Where its first character stands, behind a quote. */
      readonly inside: number;
      readonly text: string;
      readonly value: string | number | boolean | null;
    }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Placed[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly Entry[] };

export interface Entry {
  readonly key: string;
  readonly keyAt: number;
  readonly value: Placed;
}

/** A word of the file, and where it stood. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** Stable codes of what can be wrong with a rules file; the README lists them. */
export type FindingCode =
  | 'YAML'
  | 'TOO_LARGE'
  | 'FIELD_UNKNOWN'
  | 'FIELD_MISSING'
  | 'FIELD_TWICE'
  | 'TYPE'
  | 'RANGE'
  | 'DURATION'
  | 'LIMIT'
  | 'CONDITION'
  | 'FACT_UNKNOWN'
  | 'NAME_UNKNOWN'
  | 'VALUE_UNKNOWN'
  | 'OPERATOR_UNKNOWN'
  | 'SCOPE'
  | 'SELECTOR'
  | 'ACTION'
  | 'VARIABLE_UNKNOWN'
  | 'NAME_TWICE'
  | 'GROUP'
  | 'NEVER_FIRES'
  | 'CONFLICT'
  | 'CANNOT_PERFORM';

export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  /** Index of the file in the set, and the offset in it. */
  readonly file: number;
  readonly at: number;
  readonly message: string;
}

/** Collects what is wrong in one file; all of it is told at once. Bounded: a broken file would fill the screen. */
export class Findings {
  readonly list: Finding[] = [];
  readonly file: number;

  constructor(file: number) {
    this.file = file;
  }

  error(code: FindingCode, at: number, message: string): undefined {
    return this.#add({ severity: 'error', code, file: this.file, at, message });
  }

  warn(code: FindingCode, at: number, message: string): undefined {
    return this.#add({ severity: 'warning', code, file: this.file, at, message });
  }

  #add(finding: Finding): undefined {
    if (this.list.length < FINDINGS_MAX) this.list.push(finding);
  }
}

const FINDINGS_MAX = 200;
