/**
 * Texts and octets. A pure core has no TextEncoder, and needs none: DisplayString is ASCII (RFC 2579), and a context's
 * name is octets, kept as a text with one character for each octet, so that no two names become one.
 */
export function octetsOf(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    octets[i] = code < 256 ? code : QUESTION_MARK;
  }
  return octets;
}

export function textOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

const QUESTION_MARK = 0x3f;

/** What a DisplayString may hold: printable ASCII; anything else becomes `?`, and the rest is cut off after `max`. */
export function displayText(text: string, max: number): string {
  return text.slice(0, max).replaceAll(/[^\x20-\x7e]/g, '?');
}
