import { isOlder } from '../domain/story-version';
import type { Rounds } from './wait-round';

/**
 * Whether this story was begun by that version of Slipway or a later one. The version stands in the story's first event (host.json's `defaultVersion`
 * of then), so an upgrade changes nothing about a story that is under way. Whatever a story does anew, or in another order, goes behind this:
 * what an older version began is told to its end as that version told it.
 */
export const isToldSince = ({ context }: Pick<Rounds, 'context'>, version: string): boolean => !isOlder(context.df.version, version);
