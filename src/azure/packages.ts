/** Where a slot that runs from a URL finds a kept package, and which one an address means. No signature is in it: the slot's identity reads it. */
export interface PackageAddresses {
  addressOf(sha256: string): string;
  /** Undefined for what is none of the kept packages' addresses. */
  digestAt(url: string): string | undefined;
}

/** The kept packages: one blob a digest, never changed. Everything after admission reads these, and so does a revert. */
export interface Packages extends PackageAddresses {
  has(sha256: string): Promise<boolean>;
  /**
   * Fetches the package and keeps it under its digest. A URL is https (http only for a loopback address); a blob of Slipway's own
   * storage account is read with Slipway's own credential. `wrong-digest` names what was found; texts never hold the URL's query.
   */
  fetchAndKeep(
    url: string,
    sha256: string,
  ): Promise<
    | { kind: 'kept'; sizeBytes: number }
    | { kind: 'wrong-digest'; found: string }
    | { kind: 'not-a-package'; why: string }
    | { kind: 'unreachable'; why: string }
  >;
  read(sha256: string): Promise<Buffer | undefined>;
}
