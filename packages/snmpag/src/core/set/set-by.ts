import type { Snmp } from '@softset/protocol';

/**
 * Who made a SET. AgentX carries no user (RFC 2741 §6.2.8), but it does carry the context, and snmpd lets only one user
 * into the context `by:USER`: a SET made there is that user's for certain. One in another context is known by
 * elimination where only one may SET there; else the journal has all who may, and no guess.
 */
export type SetBy = { readonly user: string } | { readonly oneOf: readonly string[] };

export const signedContext = (user: string): string => `by:${user}`;

/** Users who may SET in the context of their own name. */
export function signers(snmp: Snmp | undefined): readonly string[] {
  return (snmp?.users ?? []).flatMap(({ name, access }) => (access === 'read-only' ? [] : [name]));
}

export function setBy(snmp: Snmp | undefined, context: string): SetBy {
  const signer = signers(snmp).find((user) => signedContext(user) === context);
  if (signer !== undefined) return { user: signer };
  const users = (snmp?.users ?? []).flatMap(({ name, access }) => (access === 'read-write' ? [name] : []));
  const communities = (snmp?.communities ?? []).flatMap(({ file, access, context: of = '' }) =>
    access === 'read-write' && of === context ? [`community ${file}`] : [],
  );
  const oneOf = [...users, ...communities];
  const [only] = oneOf;
  return oneOf.length === 1 && only !== undefined ? { user: only } : { oneOf };
}
