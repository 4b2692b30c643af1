/**
 * JSON for logs, journals and dumps: whatever it is given, one line comes out and nothing is thrown.
 * Errors keep name, message, code and cause; big integers become text, bytes hexadecimal, maps and sets arrays.
 */
export function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, plain) ?? 'null';
  } catch (error) {
    // A circle, or a getter that throws. The event is still worth a line.
    return JSON.stringify({ unserializable: error instanceof Error ? error.message : String(error) });
  }
}

function plain(this: unknown, key: string, value: unknown): unknown {
  // JSON.stringify has called toJSON already, which makes an array of numbers of a Buffer.
  const original = (this as Readonly<Record<string, unknown>>)[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('hex');
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Error) return errorFields(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  return value;
}

/** What of an error is told: an Error's own properties are not enumerable and would be lost. */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return { name, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause }) };
}
