export const layers: Readonly<Record<string, readonly string[]>>;
export function whyNot(from: string, to: string, typeOnly?: boolean): string | undefined;
