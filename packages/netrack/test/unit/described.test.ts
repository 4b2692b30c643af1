import { methods } from '@softset/netrack/control.js';
import { DESCRIBED } from '@softset/netrack/described.js';
import { openRpc } from '@softset/netrack/open-rpc.js';
import { expect } from 'chai';

type Parts = Parameters<typeof methods>[0];
/** Only the decoders are asked: nothing behind a method is called. */
const served = methods({} as Parts);
const names = Object.keys(served).sort();

interface Document {
  readonly methods: readonly {
    readonly name: string;
    readonly params: readonly { readonly name: string; readonly required: boolean }[];
    readonly examples?: readonly { readonly params: readonly { readonly name: string; readonly value: unknown }[] }[];
  }[];
}
const document = JSON.parse(openRpc()) as Document;

describe('the description of netrackd’s socket', () => {
  it('names every method that is served, no other, and what every socket has', () => {
    expect(Object.keys(DESCRIBED).sort()).to.deep.equal(names);
    const described = document.methods.map(({ name }) => name).sort();
    expect(described).to.deep.equal([...names, 'subscribe', 'unsubscribe'].sort());
  });

  for (const [name, { example, result }] of Object.entries(DESCRIBED)) {
    const decode = served[name as keyof typeof served].decode as (params: unknown) => { ok: boolean };

    it(`${name}: its example is read as the method itself reads it, and what it answers is as described`, () => {
      const [shown] = document.methods.find((one) => one.name === name)?.examples ?? [];
      const params = Object.fromEntries((shown?.params ?? []).map((one) => [one.name, one.value]));
      expect(params).to.deep.equal(example.params);
      expect(decode(params)).to.include({ ok: true });
      if (example.result !== undefined) expect(result.safeParse(example.result)).to.include({ success: true });
    });

    it(`${name}: a parameter too many, and one too few that is required, are refused`, () => {
      expect(decode({ ...example.params, tooMany: 1 })).to.include({ ok: false });
      for (const { name: field, required } of document.methods.find((one) => one.name === name)?.params ?? []) {
        if (!required) continue;
        const { [field]: _, ...rest } = example.params as Record<string, unknown>;
        expect(decode(rest), `without ${field}`).to.include({ ok: false });
      }
    });
  }
});
