import { sha256Hex } from './tables';

/**
 * The id of a rollout and of its instance, never reused: `<app>-<environment>-<version slug>-<8 hex>`. The hash covers where
 * the slug is lossy, and the key, so that each attempt has an id of its own. Only letters, digits and `-`: durable ids travel in
 * URLs unencoded.
 */
export function rolloutIdOf(app: string, environment: string, version: string, key: string): string {
  const hash = sha256Hex(JSON.stringify([app, environment, key])).slice(0, 8);
  return [app, environment, versionSlug(version), hash].filter((part) => part !== '').join('-');
}

/** At most 30 characters of `[a-z0-9-]`; may be empty. */
export function versionSlug(version: string): string {
  return trimDashes(trimDashes(version.toLowerCase().replace(/[^a-z0-9]+/g, '-')).slice(0, 30));
}

const trimDashes = (text: string): string => text.replace(/^-|-$/g, '');
