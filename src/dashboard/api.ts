import { createClient } from '../client/slipway-client';
import type { Me } from '../client/reading';

/** The page reads its own server and nothing else. */
export const api = createClient({ baseUrl: '' });

/** Whether whoever is signed in has the role; nobody, as long as that is not known. */
export const may = (me: Me | undefined, role: Me['roles'][number]): boolean => me?.roles.includes(role) ?? false;

export type { Me };
