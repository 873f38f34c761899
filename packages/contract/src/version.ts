/** `0.1.x` and `0.1.y` understand each other; another major or minor does not. */
export function isCompatibleVersion(ours: string, theirs: string): boolean {
  return majorMinor(ours) === majorMinor(theirs);
}

/** Negative when `left` is older, positive when it is newer, 0 for the same major.minor. */
export function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split(".").map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split(".").map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}

function majorMinor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
