/** The embedded Functions and Durable host: runs one Azure Functions v4 Node app in this process. See README.md beside this file. */
export type { Clock, VirtualClock } from './clock';
export { systemClock, virtualClock } from './clock';
export type { Commit, CommitWatch, Side } from './commit-watch';
export { PowerCut } from './commit-watch';
export type { FunctionInfo, Host, HostKeys, HostOptions, LogEntry, LogLevel, OrchestratorTurn, Question, TurnSchedule } from './contract';
export type { Action, OrchestratorState } from './durable/state';
export type { Registry } from './functions-core';
export { freshRegistry, registerInto } from './functions-core';
export { computeTurn } from './durable/compute-turn';
export type { Person } from './site-sign-in';
export { startHost } from './start-host';
export { cutPowerAt } from './testing/cut-power';
export { recordTurns, replayTurns } from './testing/recorded-turns';
export type { Orchestrator, TurnCheck } from './testing/turn-check';
export { checkTurns } from './testing/turn-check';
