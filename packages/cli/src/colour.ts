export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** ECMA-48 §8.3.117, select graphic rendition. */
const codes: Readonly<Record<Colour, string>> = { red: '31', green: '32', yellow: '33', dim: '2', bold: '1' };

export type Paint = (text: string, colour: Colour) => string;

export const plain: Paint = (text) => text;
const vivid: Paint = (text, colour) => `\x1b[${codes[colour]}m${text}\x1b[0m`;

/** Colours only where a person looks (https://no-color.org: set and not empty means no). */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb' ? vivid : plain;
}
