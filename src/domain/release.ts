/** One built version of one app, as a build system hands it over. Setting *values* are never part of it: they lie in a row of their own. */
export interface Release {
  version: string;
  /** Lower-case hex sha256 of the package (a zip with host.json at its root). */
  sha256: string;
  commit?: string;
  buildUrl?: string;
  /** The functions the package holds. Those not triggered by HTTP are switched off in staging before the push. */
  functions: ReleaseFunction[];
  /** Names of the app settings this release brings. */
  settingNames: string[];
  /** Brought back without ever having been handed over, and nothing says its version: `version` is words, to be shown and never compared. */
  unnamed?: true;
}

export interface ReleaseFunction {
  name: string;
  /** `http`, `queue`, `timer`, … as in the function's trigger binding, without `Trigger`. */
  trigger: string;
}

/** Digests are shown as their first 12 hex digits. */
export const shortDigest = (sha256: string): string => sha256.slice(0, 12);

/** What a staged slot carries as an app setting: it travels with a swap and says which rollout last staged the slot. */
export const markerOf = (rolloutId: string, sha256: string): string => `${rolloutId}.${shortDigest(sha256)}`;

/** The name of the app setting that holds the marker. */
export const markerSetting = 'SLIPWAY_MARKER';

/** The name of the app setting that switches a function off where it is `true`. */
export const disablingSetting = (functionName: string): string => `AzureWebJobs.${functionName}.Disabled`;

/** As much of the digest as a marker holds; '' for a text that is no marker. */
export const digestOfMarker = (marker: string): string => /\.([0-9a-f]{12})$/.exec(marker)?.[1] ?? '';

/** The name of the app setting that says where a slot's package is; `1` where it is pushed to the slot. */
export const packageSetting = 'WEBSITE_RUN_FROM_PACKAGE';

/** The rollout a marker names, or undefined for a text that is no marker. */
export function rolloutOfMarker(marker: string): string | undefined {
  return /^([A-Za-z0-9_-]+)\.[0-9a-f]{12}$/.exec(marker)?.[1];
}

/** What a version may be written with. */
export const versionPattern = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;
