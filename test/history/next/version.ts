/** Later than any that is released. */
export const nextVersion = '999.0.0';
