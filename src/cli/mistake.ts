/** What is wrong with a command line, or with a file that it names, and what to do. */
export class CliMistake extends Error {
  constructor(
    readonly sentence: string,
    readonly next: string,
  ) {
    super(`${sentence} ${next}`);
  }
}
