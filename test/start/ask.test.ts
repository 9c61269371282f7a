import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAsked, usage } from '../../local/start/asked';

const mistake = (sentence: string) => ({ kind: 'mistake', sentence: `${sentence}\n\n${usage}` });

describe('npm run release and npm run roll-back', () => {
  test('say how they are used, when asked and when something is wrong', () => {
    expect(readAsked(['release', '--help'])).toEqual({ kind: 'help' });
    expect(readAsked(['roll-back', '-h'])).toEqual({ kind: 'help' });
    expect(readAsked(['release', '--frob'])).toEqual(mistake("Unknown option '--frob'."));
    expect(readAsked(['release', '3.0.0', '4.0.0'])).toEqual(mistake('More is said than one version: 4.0.0.'));
    expect(readAsked(['roll-back', '3.0.0'])).toEqual(mistake('roll-back takes the last one back, and names no version.'));
    expect(readAsked(['release', '--state='])).toEqual(mistake('--state names no folder: say --state DIR, or leave it out for .slipway/.'));
    expect(readAsked(['launch'])).toEqual(mistake('Say release or roll-back.'));
  });
  test('are read', () => {
    expect(readAsked(['release', '5.0.0', '--state', 'elsewhere'])).toEqual({
      kind: 'release',
      version: '5.0.0',
      state: 'elsewhere',
    });
    expect(readAsked(['roll-back'])).toEqual({ kind: 'roll-back' });
  });
});

test.each(['slipway.mjs', 'ask.mjs'])('before a build, %s says that there is to be one', (script) => {
  const checkout = mkdtempSync(path.join(tmpdir(), 'slipway-unbuilt-'));
  try {
    cpSync(path.join(__dirname, '../../scripts'), path.join(checkout, 'scripts'), { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [path.join(checkout, 'scripts', script), 'release'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'Slipway is not built yet. Run npm run build in its folder, then try again.\n',
    });
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});
