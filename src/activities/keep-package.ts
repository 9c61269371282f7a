import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import { sourceKey } from '../domain/tables';
import { shortDigest } from '../domain/release';
import type { Problem } from '../domain/problem';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Keep = Catalogue['keepPackage'];

const tries = 3;
const betweenTriesMs = 5_000;
/** What took longer than this is not tried again here: an activity has minutes, and one fetch may take most of them. */
const tryAgainWithinMs = 30_000;

/** Fetches the package under its digest into Slipway's own blobs, then forgets the URL, which may be signed. */
export function createKeepPackage(ports: Ports): Activity<Keep['input'], Keep['output']> {
  return async ({ rolloutId }) => {
    const { kind, release } = await readRollout(ports, rolloutId);
    // A revert brings no package of its own: the plan decides what is possible with what is kept and what staging holds.
    if (kind === 'revert') return { kind: 'none' };
    if (await ports.packages.has(release.sha256)) return await forgetSource(ports, rolloutId);
    const source = await ports.rows.read<{ url: string }>(rolloutId, sourceKey);
    // Another run of this may have kept it since, and forgotten where it came from.
    if (!source)
      return (await ports.packages.has(release.sha256)) ? { kind: 'kept' } : { kind: 'refused', problem: notKept(release.sha256) };
    const problem = await fetchPackage(ports, source.value.url, release.sha256);
    return problem ? { kind: 'refused', problem } : await forgetSource(ports, rolloutId);
  };
}

async function forgetSource(ports: Ports, rolloutId: string): Promise<{ kind: 'kept' }> {
  await ports.rows.write([{ kind: 'delete', partition: rolloutId, row: sourceKey }]);
  return { kind: 'kept' };
}

async function fetchPackage(ports: Ports, url: string, sha256: string): Promise<Problem | undefined> {
  const lastStartMs = ports.clock.now() + tryAgainWithinMs;
  for (let n = 1; ; n++) {
    const fetched = await ports.packages.fetchAndKeep(url, sha256);
    switch (fetched.kind) {
      case 'kept':
        return undefined;
      case 'wrong-digest':
        return {
          code: 'wrong-digest',
          sentence: `The package is not the one that was announced: its sha256 begins ${shortDigest(fetched.found)}, and ${shortDigest(sha256)} was announced.`,
          next: 'Find out who changed the package between build and upload; announce it again with the digest of what was uploaded.',
        };
      case 'not-a-package':
        return {
          code: 'not-a-package',
          sentence: `The package can't be deployed: ${fetched.why}`,
          next: 'Build a zip with host.json at its root, upload it and announce its new digest.',
        };
      case 'unreachable':
        if (n === tries || ports.clock.now() >= lastStartMs)
          return {
            code: 'package-unreachable',
            sentence: `The package could not be fetched: ${fetched.why}`,
            next: 'Check that its address can be read by Slipway and has not expired, then start the rollout again.',
          };
        await ports.clock.sleep(betweenTriesMs);
    }
  }
}

const notKept = (sha256: string): Problem => ({
  code: 'package-not-kept',
  sentence: `No package with digest ${shortDigest(sha256)} is kept, and nothing says where to fetch it.`,
  next: 'Start a rollout with the address of the package.',
});
