/** So many lines of code are drawn in one go. */
export const linesInPart = 30;
