/** Calls to the services that approve changes, as any client would make them. */
export interface Told {
  status: number;
  headers: Headers;
  /** Undefined where the answer holds none. */
  json: unknown;
}

export interface Say {
  login?: string | undefined;
  /** A text is sent as it is. */
  body?: unknown;
  type?: string | undefined;
}

export const callsTo =
  (base: () => string, usual: () => string) =>
  async (method: string, path: string, { login = usual(), body, type = 'application/json' }: Say = {}): Promise<Told> => {
    const answer = await fetch(new URL(path, base()), {
      method,
      redirect: 'manual',
      headers: {
        ...(login === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
        ...(body === undefined || type === '' ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.status, headers: answer.headers, json };
  };
