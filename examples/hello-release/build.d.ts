/**
 * How a build can be broken on purpose. `slow`: answers after `forMs`. `silent`: never answers. `cold`: 503 until `forMs` after its start.
 * `no-host-json`: the package is no Functions app at all.
 */
export type HelloFault = 'answers-500' | 'wrong-value' | 'wrong-schema' | 'slow' | 'silent' | 'cold' | 'no-host-json';

export interface BuiltRelease {
  version: string;
  /** The package. The same inputs give the same bytes. */
  zip: Buffer;
  /** Lower-case hex. */
  sha256: string;
  functions: { name: string; trigger: string }[];
}

/** `forMs` (default 5000) is for `slow` and `cold`. Throws a sentence for a version or fault that it does not know. */
export function buildHello(options: { version: string; fault?: HelloFault; forMs?: number }): Promise<BuiltRelease>;
export const faults: readonly HelloFault[];
