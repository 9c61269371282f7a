import type { Store } from './store';
import type { PushReceipt, Receipts, SwapPostReceipt } from './types';

type Kept = Omit<Receipts, 'swaps'>;

export interface ReceiptBook {
  push(receipt: PushReceipt): void;
  swapPost(receipt: SwapPostReceipt): void;
  mail(receipt: Kept['mails'][number]): void;
  message(receipt: Kept['messages'][number]): void;
  itsm(receipt: Kept['itsm'][number]): void;
  settings(receipt: Kept['settingWrites'][number]): void;
  read(): Kept;
}

/** What came over the wire, kept with the rest of the state: a scenario that kills this process still counts right. */
export function openReceipts(store: Store): ReceiptBook {
  const append = <T>(kind: string): { add(row: T): void; all(): T[] } => {
    const rows = store.collection<T>(`receipt-${kind}`);
    let count = rows.all().length;
    return { add: (row) => rows.put(String(count++), row), all: () => rows.all() };
  };
  const pushes = append<PushReceipt>('push');
  const swapPosts = append<SwapPostReceipt>('swap-post');
  const mails = append<Kept['mails'][number]>('mail');
  const messages = append<Kept['messages'][number]>('message');
  const itsm = append<Kept['itsm'][number]>('itsm');
  const settingWrites = append<Kept['settingWrites'][number]>('settings');
  return {
    push: pushes.add,
    swapPost: swapPosts.add,
    mail: mails.add,
    message: messages.add,
    itsm: itsm.add,
    settings: settingWrites.add,
    read: () => ({
      pushes: pushes.all(),
      swapPosts: swapPosts.all(),
      mails: mails.all(),
      messages: messages.all(),
      itsm: itsm.all(),
      settingWrites: settingWrites.all(),
    }),
  };
}
