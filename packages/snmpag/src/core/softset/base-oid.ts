import type { Oid } from '../oid.js';

/**
 * The one place that says where SOFTSET-MIB hangs: netSnmpPlaypen (8072.9999.9999, NET-SNMP-MIB), which is there for
 * private experiments, under the number of our beat's port. To be replaced by an enterprise number of our own
 * (RFC 5612's 32473 is for examples alone).
 */
export const BASE_OID: Oid = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7413];
/** The node that it hangs from, and the module that has it: Debian's libsnmp-base brings it with snmpd. */
export const BASE_PARENT = { label: 'netSnmpPlaypen', module: 'NET-SNMP-MIB' };
