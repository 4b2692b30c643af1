/** What a Response may say: SNMP's own errors (RFC 3416 §3) and AgentX's (RFC 2741 §6.2.16). */
export const ERROR = {
  noError: 0,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongLength: 8,
  wrongEncoding: 9,
  wrongValue: 10,
  noCreation: 11,
  inconsistentValue: 12,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  notWritable: 17,
  inconsistentName: 18,
  openFailed: 256,
  notOpen: 257,
  indexWrongType: 258,
  indexAlreadyAllocated: 259,
  indexNoneAvailable: 260,
  indexNotAllocated: 261,
  unsupportedContext: 262,
  duplicateRegistration: 263,
  unknownRegistration: 264,
  unknownAgentCaps: 265,
  parseError: 266,
  requestDenied: 267,
  processingError: 268,
} as const;

export type ErrorName = keyof typeof ERROR;

export function errorName(number: number): string {
  return Object.entries(ERROR).find(([, known]) => known === number)?.[0] ?? `error ${number}`;
}

/** Why a session is closed (§6.2.2). */
export const CLOSE = { other: 1, parseError: 2, protocolError: 3, timeouts: 4, shutdown: 5, byManager: 6 } as const;
