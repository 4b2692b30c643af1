/** What SNMP/ag says of itself. */
export interface SnmpagState {
  /** `serving`: snmpd asks, and is answered. */
  readonly session: 'resting' | 'connecting' | 'opening' | 'serving' | 'closed';
  /** Contexts whose registration the master confirmed. */
  readonly registered: readonly string[];
  /** Registrations that the master has not confirmed. */
  readonly missing: number;
  readonly sources: Readonly<Record<'netrackd' | 'psrmd' | 'redirectd' | 'geodhcpd', 'connected' | 'lost' | 'never'>>;
  /** Agents behind, by name. */
  readonly agents: Readonly<Record<string, 'unasked' | 'answering' | 'silent' | 'down'>>;
  /** Notifications handed to the session, those that wait in it, and those dropped for want of room. */
  readonly notifications: { readonly told: number; readonly waiting: number; readonly dropped: number };
  /** Notifications of agents behind, since the start; `listening`: snmptrapd runs. Absent where the file has no `traps`. */
  readonly traps?: {
    readonly listening: boolean;
    readonly heard: number;
    /** From addresses that no agent has, and those that cannot be read. */
    readonly strangers: number;
    readonly unreadable: number;
  };
  /** SETs under way. */
  readonly sets: number;
}

/** A value of an agent behind: polled as the cluster file has it, or told by a notification, or read for rules. */
export interface SnmpFact {
  readonly agent: string;
  readonly name: string;
  /** `null`: unknown, for it was not heard within its freshness, or the agent has no such instance. */
  readonly value: number | string | boolean | null;
  /** Time since it was heard; `null` where it never was. */
  readonly ageMs: number | null;
}

/** All of them, whenever a value changes or becomes unknown. */
export interface SnmpagTopics {
  facts: { readonly facts: readonly SnmpFact[] };
}

export interface SnmpagMethods {
  facts: { params: Record<string, never>; result: { readonly facts: readonly SnmpFact[] } };
  status: { params: Record<string, never>; result: SnmpagState };
}
