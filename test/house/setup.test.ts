import { expect } from 'chai';
import { script } from './planted.js';

interface Setup {
  lacksOtherPlatformsOnly(text: string): boolean;
}

describe('setup: when the lock file is refused', () => {
  let setup: Setup;
  before(async () => {
    setup = await script<Setup>('setup.mjs');
  });

  const refusal = (...lines: string[]): string =>
    ['npm error code EUSAGE', ...lines, 'npm error Clean install a project'].map((line) => `${line}\n`).join('');

  for (const [title, text, expected] of [
    [
      'builds for other platforms are missing',
      refusal('npm error Missing: @scope/cli-win32-x64@ from lock file', 'npm error Missing: cli-musl@ from lock file'),
      true,
    ],
    ['a real package is missing', refusal('npm error Missing: chai@6.3.0 from lock file'), false],
    [
      'both: the manifest and the lock file disagree',
      refusal(
        'npm error Missing: @scope/cli-win32-x64@ from lock file',
        'npm error Missing: chai@6.3.0 from lock file',
      ),
      false,
    ],
    [
      'a version does not fit',
      refusal(
        'npm error Missing: cli-musl@ from lock file',
        "npm error Invalid: lock file's chai@5.0.0 does not satisfy chai@6.3.0",
      ),
      false,
    ],
    ['no network: something else altogether', 'npm error code ENOTFOUND\n', false],
  ] as const) {
    it(`${title}: ${expected ? 'the locked versions serve' : 'it stays refused'}`, () => {
      expect(setup.lacksOtherPlatformsOnly(text)).to.equal(expected);
    });
  }
});
