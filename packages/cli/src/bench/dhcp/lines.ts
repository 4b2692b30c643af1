import type { Case, Kind, Peer, Setting } from './cases.js';

/** What is said between the suite and a run of it, which lives in namespaces of its own. */
export interface Asked {
  readonly folder: string;
  readonly wanted: readonly Case[];
  readonly peers: readonly Peer[];
}

export type Subject = Setting | Peer;

export type Line =
  | { readonly doing: string }
  | { readonly subject: Subject; readonly kind: Kind; readonly value: number }
  | { readonly subject: Subject; readonly note: string };
