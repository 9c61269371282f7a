/* Loaded before anything else: from here on commits and calls are watched wherever a warden stands. */
import https from 'node:https';
import tls from 'node:tls';
import { asFunction, currently, PowerCut } from './effects';
import type { Places } from './name-call';
import { watchSigning } from './turnstile';
import { watchCalls } from './watch-calls';
import { watchCommits } from './watch-commits';

let places: Places = new Map();

/** What listens where, from now on. */
export function knowPlaces(known: Places): void {
  places = known;
}

keepPatience();
watchCommits();
watchCalls(() => places);
nameFunctions();
keepAuthorities();
watchSigning();

// What a host that is gone leaves undone is nobody's fault.
process.on('unhandledRejection', (error) => {
  if (!(error instanceof PowerCut)) throw error;
});

/** The 140 authorities that are trusted besides ours are read once instead of once a connection, and compared by ours alone: nothing took longer. */
function keepAuthorities(): void {
  const create = tls.createSecureContext.bind(tls);
  const kept = new Map<string, tls.SecureContext>();
  Object.assign(tls, {
    createSecureContext(options: tls.SecureContextOptions = {}) {
      if (!Array.isArray(options.ca) || options.cert !== undefined || options.key !== undefined) return create(options);
      const name = String(options.ca.at(-1));
      const context = kept.get(name) ?? create(options);
      kept.set(name, context);
      return context;
    },
  });
  const { getName } = https.Agent.prototype;
  https.Agent.prototype.getName = function (options: https.RequestOptions = {}) {
    return getName.call(this, Array.isArray(options.ca) ? { ...options, ca: options.ca.at(-1) } : options);
  };
}

/**
 * On a virtual clock no answer is late: what a time-out in real time would tell of is how loaded the machine is, and no seed says that. The process that is
 * killed has real time, and real time-outs.
 */
function keepPatience(): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => (currently()?.isVirtual ? new AbortController().signal : timeout(ms));
}

/** Every function of the app is run by one function of the host: there its effects get its name. */
function nameFunctions(): void {
  interface Fn {
    metadata: { name: string };
  }
  interface Invocation {
    triggerMetadata?: Record<string, { string?: string | null } | undefined>;
  }
  type Invoke = (registry: unknown, fn: Fn, invocation: Invocation) => Promise<unknown>;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- its export is replaced for all who use it
  const module = require('../../local/host/invoke') as { invoke: Invoke };
  const { invoke } = module;
  module.invoke = (registry, fn, invocation) =>
    asFunction(fn.metadata.name, invocation.triggerMetadata?.['instanceId']?.string ?? '', () => invoke(registry, fn, invocation));
}
