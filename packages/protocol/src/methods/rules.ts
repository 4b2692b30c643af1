/** What a rule did in this life of redirectd; a board that does not direct judges none, and counts none. */
export interface RuleTally {
  readonly rule: string;
  readonly file: string;
  readonly fired: number;
  /** It would have acted, and its limit or another plan forbade it. */
  readonly heldBack: number;
  readonly last?: {
    /** Wall time, ms since 1970. */
    readonly atMs: number;
    /** For which of its scope: `media board lost [io-1]`. */
    readonly instance: string;
    readonly outcome: 'running' | 'done' | 'failed' | 'given-up';
  };
}

/** REDIRECT's rules, on redirectd's control socket. */
export interface RulesMethods {
  /**
   * Which files run, and why others do not. `snmp`: variables that rules ask for, `AGENT OBJECT`. `atLimit`: instances
   * that acted as often as they may, on the board that directs.
   */
  rules: {
    params: Record<string, never>;
    result: {
      readonly files: readonly { readonly name: string; readonly revision: string }[];
      readonly rules: number;
      readonly refused?: string;
      readonly deciding: boolean;
      readonly atLimit: readonly { readonly instance: string; readonly times: number; readonly windowMs: number }[];
      readonly tally: readonly RuleTally[];
      readonly snmp: readonly { readonly agent: string; readonly object: string }[];
    };
  };
  /**
   * The seam to SNMP/ag: values of one agent, whole, each time it was asked; null: it does not say. What is not told
   * again within a minute is unknown. Fails FORBIDDEN for others than root and the daemon's own user.
   */
  snmpFacts: {
    params: { agent: string; values: Readonly<Record<string, string | number | boolean | null>> };
    result: Record<string, never>;
  };
}
