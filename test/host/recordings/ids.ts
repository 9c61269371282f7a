/** Ids that the host makes up: 32 hexadecimal digits, or a parent's execution and the number of the call. */
const madeUp = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}(:\d+)?$/i;

export const isMadeUp = (id: string): boolean => madeUp.test(id);

/** Which of our ids stand for which recorded ones, where the host makes them up. */
export class Ids {
  private readonly ours = new Map<string, string>();
  private readonly theirs = new Map<string, string>();

  learn(recorded: string, own: string): void {
    this.ours.set(recorded, own);
    this.theirs.set(own, recorded);
  }

  /** Notes two instance ids that stand for each other, unless both were given by the client. */
  learnInstance(recorded: string, own: string): void {
    if (recorded !== own && isMadeUp(recorded)) this.learn(recorded, own);
  }

  isKnown(recorded: string): boolean {
    return this.ours.has(recorded);
  }

  own(recorded: string): string {
    return this.ours.get(recorded) ?? recorded;
  }

  recorded(own: string): string {
    return this.theirs.get(own) ?? own;
  }

  /** A recorded text with our ids in it. */
  inOurs(text: string): string {
    return [...this.ours].reduce((given, [recorded, own]) => given.replaceAll(recorded, own), text);
  }
}
