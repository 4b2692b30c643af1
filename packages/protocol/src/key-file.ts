/**
 * What a key file holds: one key of 64 hexadecimal digits, or two on a line each, of which the first seals and both are
 * believed.
 */
export const KEY_FILE_PATTERN = /^[0-9a-fA-F]{64}(?:\r?\n[0-9a-fA-F]{64})?\s*$/;
