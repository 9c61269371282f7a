/** A host name as slipway.yaml allows it: `builds.example.com`, or `*.example.com` for every name below (not for `example.com` itself). */
export const hostPatternForm = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** Whether one of the patterns names this host. Case and a dot at the end do not count; an IP address fits no pattern. */
export function fitsHost(host: string, patterns: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return patterns.some((pattern) => (pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern));
}
