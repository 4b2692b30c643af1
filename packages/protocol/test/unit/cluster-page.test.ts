import { clusterFileJsonSchema, clusterFilePage } from '@softset/protocol/cluster-page.js';
import { clusterFileSchema } from '@softset/protocol/cluster-schema.js';
import { expect } from 'chai';

describe('the page of the cluster file', () => {
  const page = clusterFilePage('version: 1\n');
  const fields = page.split('\n').flatMap((line) => {
    const cells = /^\| `([^`]+)` \| (.*) \| (.*) \| (.*) \|$/.exec(line);
    return cells ? [{ field: cells[1], allowed: cells[2], fallback: cells[3], meaning: cells[4] }] : [];
  });

  it('has a row with a meaning for every field, however deep', () => {
    for (const { field, allowed, meaning } of fields) {
      expect(meaning, field).to.not.equal('');
      expect(allowed, field).to.not.equal('anything');
    }
    const names = fields.map(({ field }) => field);
    expect(names).to.include.members(Object.keys(clusterFileSchema.shape));
    expect(names).to.include.members([
      'timing.leaseMs',
      'boards.NAME.vote',
      'programs.NAME.probe.udp.send',
      'networks.B.subnet',
    ]);
    expect(names.length).to.equal(new Set(names).size);
  });

  it('tells the unit of every number of time', () => {
    for (const { field, meaning } of fields) if (field?.endsWith('Ms')) expect(meaning, field).to.match(/, in ms$/);
  });

  it('tells limits and defaults', () => {
    const row = (name: string) => fields.find(({ field }) => field === name);
    expect(row('timing.intervalMs')).to.include({ allowed: 'number 2 to 1000', fallback: '`10`' });
    expect(row('programs.NAME.giveUp.deaths')).to.include({ allowed: 'integer from 1', fallback: '`3`' });
    expect(row('services.NAME.addresses')).to.include({ allowed: 'list of string, 1 to 64', fallback: 'required' });
    expect(row('cluster.oldKeyFile')).to.include({ fallback: 'none' });
  });

  it('goes with a JSON schema that refuses unknown fields and asks only for what has no default', () => {
    const schema = JSON.parse(clusterFileJsonSchema()) as { additionalProperties: unknown; required: string[] };
    expect(schema.additionalProperties).to.equal(false);
    expect(schema.required).to.deep.equal(['version', 'cluster', 'networks', 'boards']);
  });
});
