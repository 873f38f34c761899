/** What every part of an answer begins with. */
export interface AnswerHead {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** As the client named it. */
  readonly model: string;
}
