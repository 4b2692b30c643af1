/** Something wrong, what was found, and what to do about it. */
export interface Finding {
  readonly code: string;
  /** A fault keeps the board from its work, or will when something fails; a warning makes it worse at it. */
  readonly severity: 'fault' | 'warning';
  readonly found: string;
  readonly todo: string;
}

export const fault = (code: string, found: string, todo: string): Finding => ({ code, severity: 'fault', found, todo });
export const warning = (code: string, found: string, todo: string): Finding => ({
  code,
  severity: 'warning',
  found,
  todo,
});
