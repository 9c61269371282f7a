/** `inconclusive` is what no data gives; it is never healthy. */
export type Verdict = 'healthy' | 'unhealthy' | 'inconclusive';

/** One smoke test as slipway.yaml states it. `{version}` in `json` values stands for the release's version. */
export interface Check {
  name: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  headers: Record<string, string>;
  body?: unknown;
  /** Send the host's default function key as x-functions-key. */
  functionKey: boolean;
  expect: {
    status: number[];
    headers: Record<string, string>;
    /** JSON pointer (RFC 6901) → the value wanted there. */
    json: Record<string, unknown>;
    /** A JSON schema the body must fit. */
    schema?: Record<string, unknown>;
    latencyMs?: number;
  };
  /** How long one try may take, and for how long tries are made again (a cold start). */
  timeoutSeconds: number;
  budgetSeconds: number;
}

/** What one try saw. */
export type Probe =
  { kind: 'answer'; status: number; headers: Record<string, string>; body: string; latencyMs: number } | { kind: 'no-answer'; why: string };

export interface CheckResult {
  name: string;
  verdict: Verdict;
  /** What was seen, in words; no body, no header values. */
  seen: string;
  tries: { at: string; verdict: Verdict; latencyMs?: number; status?: number; seen: string }[];
}
