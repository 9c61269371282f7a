import { fork } from 'node:child_process';
import path from 'node:path';
import type { ToJudge, Verdict } from './judge';

/** The judge's process, as seen from the harness. */
export interface Judge {
  tell(message: Exclude<ToJudge, { kind: 'judge' }>): Promise<void>;
  judge(message: Extract<ToJudge, { kind: 'judge' }>): Promise<Verdict>;
  dismiss(): void;
}

export function callJudge(): Judge {
  const child = fork(path.join(__dirname, 'judge.js'), { stdio: 'inherit' });
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let count = 0;
  child.on('message', ({ n, answer, error }: { n: number; answer?: unknown; error?: string }) => {
    const one = waiting.get(n);
    waiting.delete(n);
    if (error === undefined) one?.resolve(answer);
    else one?.reject(new Error(`The judge failed: ${error}`));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The judge's process ended with code ${code ?? 'none'}.`));
  });
  const ask = (message: ToJudge): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const n = count++;
      waiting.set(n, { resolve, reject });
      child.send({ n, message });
    });
  return {
    async tell(message) {
      await ask(message);
    },
    judge: async (message) => (await ask(message)) as Verdict,
    dismiss: () => child.disconnect(),
  };
}
