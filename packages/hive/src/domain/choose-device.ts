/** A place that could hold a model. */
export interface DeviceCandidate {
  /** The number behind `--device`. */
  readonly index: number;
  readonly availableMb: number;
}

/** The device with the most free memory among those that fit; the lowest index among equals. */
export function chooseDevice<Candidate extends DeviceCandidate>(
  candidates: readonly Candidate[],
  requiredMb: number,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (candidate.availableMb < requiredMb) continue;
    const isBetter =
      best === undefined ||
      candidate.availableMb > best.availableMb ||
      (candidate.availableMb === best.availableMb && candidate.index < best.index);
    if (isBetter) best = candidate;
  }
  return best;
}
