import koffi from 'koffi';
import { declare } from './libc.js';

const getpwnam = declare<(name: string) => unknown>('void *getpwnam(const char *name)');
const getpwuid = declare<(uid: number) => unknown>('void *getpwuid(unsigned int uid)');
const getgrnam = declare<(name: string) => unknown>('void *getgrnam(const char *name)');

// struct passwd: name, password (pointers), uid, gid; struct group: name, password (pointers), gid.
const UID_OFFSET = 16;
const PASSWD_GID_OFFSET = 20;
const GROUP_GID_OFFSET = 16;
const numeric = /^\d{1,10}$/;

export interface Account {
  readonly uid: number;
  /** Its own group; undefined for a number without an entry. */
  readonly gid: number | undefined;
}

/** A user by name or number, wherever the system keeps its users (nsswitch.conf(5)). Undefined: there is none. */
export function findUser(user: string): Account | undefined {
  const entry = numeric.test(user) ? getpwuid(Number(user)) : getpwnam(user);
  if (entry === null) return numeric.test(user) ? { uid: Number(user), gid: undefined } : undefined;
  return { uid: word(entry, UID_OFFSET), gid: word(entry, PASSWD_GID_OFFSET) };
}

/** A group's number, by name or number. */
export function findGroup(group: string): number | undefined {
  if (numeric.test(group)) return Number(group);
  const entry = getgrnam(group);
  return entry === null ? undefined : word(entry, GROUP_GID_OFFSET);
}

function word(structure: unknown, offset: number): number {
  return koffi.decode(structure, offset, 'uint32') as number;
}
