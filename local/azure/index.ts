export type {
  ItsmAddresses,
  ServiceNowChange,
  LocalAzure,
  LocalAzureOptions,
  MailAddress,
  MailRecord,
  MessageAddresses,
  MessageRecord,
  MessageService,
  PlanSku,
  PushReceipt,
  Receipts,
  RunSlot,
  SiteSpec,
  SlotSpec,
  SwapPostReceipt,
  SwapReceipt,
  Faults,
} from './types';
export type { FaultName, FaultOptions } from './faults';
export { faultNames } from './faults';
export type { Pace } from './pace';
export type { Snapshot } from './snapshot';
export { startLocalAzure } from './start';
