import * as z from 'zod';
import { duration, name } from './settings-words';

const environment = name("an environment's name");
const within = duration(60, 400 * 86_400);
const wanted = 'the name of an environment, or { environment: test, within: 7d }';

/** What must have come before: the same package, deployed in another environment. */
export const requires = z.union(
  [
    environment.transform((name) => ({ environment: name, within: 30 * 86_400 })),
    z.strictObject({ environment, within: within.default(30 * 86_400) }),
  ],
  wanted,
);

/** Where a release goes on to by itself once it is deployed here. */
export const promote = environment;
