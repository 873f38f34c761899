export { createQueen } from "./create-queen.ts";
export type { Queen, QueenOptions } from "./create-queen.ts";
