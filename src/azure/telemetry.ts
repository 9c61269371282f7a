import type { Outgoing } from './outgoing';

/** Where traces and metrics go besides the log. */
export interface Telemetry {
  /** Hands over one body of OTLP. Throws a sentence where the collector does not take it; nothing was counted then. */
  send(signal: 'traces' | 'metrics', body: object): Promise<void>;
}

const withinMs = 10_000;

/**
 * OTLP over HTTP in JSON, to a collector whose address an app setting holds, as OpenTelemetry names them (opentelemetry.io/docs/specs/otel/protocol/exporter):
 * `OTEL_EXPORTER_OTLP_ENDPOINT`, to which `/v1/traces` or `/v1/metrics` is added, and `OTEL_EXPORTER_OTLP_HEADERS`, `name=value,name=value`, which may
 * hold a key.
 */
export function otlpTelemetry(outgoing: Outgoing, endpoint: string, headers: Readonly<Record<string, string>>): Telemetry {
  return {
    async send(signal, body) {
      const url = new URL(`${endpoint.replace(/\/+$/, '')}/v1/${signal}`);
      const refusal = outgoing.refusalOf(url, 'channel');
      if (refusal !== undefined) throw new Error(`The telemetry’s address in OTEL_EXPORTER_OTLP_ENDPOINT is not asked: ${refusal}.`);
      const text = JSON.stringify(body);
      const sent = { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
      const answer = await outgoing.open(url, { method: 'POST', headers: sent, body: text, signal: AbortSignal.timeout(withinMs) });
      answer.resume();
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) throw new Error(`The collector of telemetry at ${url.host} answered ${status} to ${signal}.`);
    },
  };
}

/** `name=value` pairs, separated by commas, values percent-encoded (W3C Baggage's form); undefined where the text is not of it. */
export function otlpHeaders(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const [, name, value] = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const decoded = decodedOf(value);
    if (decoded === undefined) return undefined;
    headers[name.toLowerCase()] = decoded;
  }
  return headers;
}

/** A header holds printable ASCII alone: a line break in it would begin another. */
function decodedOf(value: string): string | undefined {
  try {
    const decoded = decodeURIComponent(value);
    return /^[\x20-\x7e]*$/.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
