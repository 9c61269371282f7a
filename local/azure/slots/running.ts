/** What the running content of a slot offers to the platform around it. */
export interface RunningContent {
  /** Its own port on this computer; the slot's front door passes requests on to it. */
  port: number;
  functions(): Promise<IndexedFunction[]>;
  keys(): Promise<HostKeys>;
  stop(): Promise<void>;
  /** Resolves when it has ended by itself. */
  ended: Promise<void>;
}

export interface IndexedFunction {
  name: string;
  bindings: Record<string, unknown>[];
  /** Below the host's address, e.g. `/api/hello`; absent where the trigger is not HTTP. */
  invokePath?: string;
}

export interface HostKeys {
  masterKey: string;
  functionKeys: Record<string, string>;
  systemKeys: Record<string, string>;
}

export interface ContentToRun {
  site: string;
  slot: string;
  /** `127.0.0.1:PORT` of the slot's front door. */
  hostName: string;
  /** Absolute; holds host.json if the package was a good one. */
  directory: string;
  /** Absolute; where the host of this content keeps its own state. */
  stateDirectory: string;
  settings: Record<string, string>;
  keys: HostKeys;
}

/** Rejects where the app does not start. */
export type RunContent = (content: ContentToRun) => Promise<RunningContent>;
