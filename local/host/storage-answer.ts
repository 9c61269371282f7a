/** Whether a storage service answered that there is no such thing. */
export const isNotFound = (error: unknown): boolean => (error as { statusCode?: unknown }).statusCode === 404;
