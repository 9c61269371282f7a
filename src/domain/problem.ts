/** An expected failure: a code of the catalogue, one sentence, what to do. */
export interface Problem {
  code: string;
  sentence: string;
  next: string;
}
