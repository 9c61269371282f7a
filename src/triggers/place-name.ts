/** Whatever else is the name of no app and of no environment; keys of rows refuse some characters with an error of their own. */
export const isPlaceName = (text: string): boolean => /^[a-z0-9-]{1,40}$/.test(text);
