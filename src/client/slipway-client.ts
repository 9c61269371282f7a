import { deciding } from './deciding';
import { operating } from './operating';
import { reading } from './reading';
import { starting } from './starting';
import { createTransport, type ClientOptions } from './transport';

export type SlipwayClient = ReturnType<typeof createClient>;

/** Everything that people ask of Slipway, over its API. */
export function createClient(options: ClientOptions) {
  const call = createTransport(options);
  return { ...reading(call), ...starting(call), ...operating(call), ...deciding(call) };
}
