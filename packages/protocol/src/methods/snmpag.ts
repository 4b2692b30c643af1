/** What SNMP/ag says of itself. */
export interface SnmpagState {
  /** `serving`: snmpd asks, and is answered. */
  readonly session: 'resting' | 'connecting' | 'opening' | 'serving' | 'closed';
  /** Contexts whose registration the master confirmed. */
  readonly registered: readonly string[];
  readonly sources: Readonly<Record<'netrackd' | 'psrmd' | 'redirectd', 'connected' | 'lost' | 'never'>>;
  /** Notifications handed to the session, those that wait in it, and those dropped for want of room. */
  readonly notifications: { readonly told: number; readonly waiting: number; readonly dropped: number };
  /** SETs under way. */
  readonly sets: number;
}

export interface SnmpagMethods {
  status: { params: Record<string, never>; result: SnmpagState };
}
