const said = (name: string, kind: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function. Additional info: `;

const known = (kind: string, names: string[]): string => `The following are the known ${kind} functions: '${names.join("', '")}'.`;

/** What the extension says of a name that no orchestrator has. */
export const unknownOrchestrator = (name: string, names: string[]): string =>
  said(name, 'orchestrator') + (names.length > 0 ? known('orchestrator', names) : 'No orchestrator functions are currently registered!');

/** What it says of a name that no entity has. Whether there are any it goes by the orchestrators. */
export const unknownEntity = (name: string, names: string[], hasOrchestrators: boolean): string =>
  said(name.toLowerCase(), 'entity') + (hasOrchestrators ? known('entity', names) : 'No entity functions are currently registered!');
