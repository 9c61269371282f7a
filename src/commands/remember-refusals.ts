import type { Ports } from '../azure/ports';
import { isRefusedLogin, type LoginSight } from '../domain/logins';
import { canonical } from '../domain/canonical';
import { addressOf, type ServiceGatePolicy } from '../domain/service-gate';
import { sha256Hex } from '../domain/tables';

const rememberedForMs = 60_000;

/**
 * Tries a login, unless its service refused it within the last minute: then what it said is told again. Whoever may read may examine in a loop, and a service
 * may lock an account after a few wrong passwords. Who comes while it is being tried waits for that. In this process alone, and no login is kept in clear.
 */
export function rememberRefusals({
  clock,
  services,
}: Pick<Ports, 'clock' | 'services'>): (gate: ServiceGatePolicy, login: string, ask: () => Promise<LoginSight>) => Promise<LoginSight> {
  const asked = new Map<string, { atMs: number; sight: Promise<LoginSight> }>();
  return async (gate, login, ask) => {
    const address = services.endpoints[gate.kind] ?? addressOf(gate);
    const key = sha256Hex(canonical([address, gate.kind === 'jira' ? 'basic' : gate.auth, login]));
    const before = asked.get(key);
    if (before && clock.now() - before.atMs < rememberedForMs) {
      // A fault of our own is told to whoever met it.
      const sight = await before.sight.catch(() => undefined);
      if (sight && isRefusedLogin(sight)) return sight;
    }
    const sight = ask();
    asked.set(key, { atMs: clock.now(), sight });
    return sight;
  };
}
