import type { Found, LeftOpen, NotDone, RequestThere } from './service';

/** One of the requests that carry a correlation, oldest first. */
export interface Twin {
  request: RequestThere;
  /** Closed already, by Slipway or by whoever. */
  isOver: boolean;
}

/**
 * A POST whose answer was lost may be carried out after the next one was sent. One request stands: the one that is known, or the oldest; the others are
 * cancelled, and ask nobody any more. `note` says so in them.
 */
export async function keepOne(
  all: readonly Twin[],
  knownId: string | undefined,
  cancel: (twin: RequestThere, note: string) => Promise<{ kind: 'done' } | NotDone>,
): Promise<Found> {
  const ours = all.find(({ request }) => request.id === knownId) ?? all[0];
  if (!ours) return { kind: 'none' };
  const { number } = ours.request;
  const left: LeftOpen[] = [];
  for (const { request } of all.filter((one) => one !== ours && !one.isOver)) {
    const done = await cancel(request, `Slipway: made twice, because an answer was lost. ${number} stands for both.`);
    if (done.kind === 'unknown') return { ...done, why: `${done.why} when ${request.number} is to be cancelled, which was made twice` };
    if (done.kind === 'refused') left.push({ number: request.number, why: done.why });
  }
  return { kind: 'found', request: ours.request, ...(left.length > 0 ? { left } : {}) };
}
