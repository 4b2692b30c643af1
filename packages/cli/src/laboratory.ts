/**
 * Whether lab, demonstration, simulator and benchmarks are among the verbs. They want the repository around them, so the
 * Debian package puts `false` in this file's place (scripts/package-bundles.mjs).
 */
export const laboratory: boolean = true;
