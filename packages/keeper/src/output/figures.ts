import { sizes } from "@rbee/contract";

/** `2.0 MB`, `1.4 GB`; a megabyte is 1,048,576 bytes everywhere in rbee. */
export function formatBytes(bytes: number): string {
  const megabytes = bytes / sizes.bytesPerMb;
  return megabytes < 1024 ? `${megabytes.toFixed(1)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`: the two largest units that are not empty. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  const shown = units.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** `1 second`, `4 seconds`. */
export function formatWaitSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${seconds} second${seconds === 1 ? "" : "s"}`;
}

/** `2026-11-23 14:05:09` in the person's time zone, `never` for null. */
export function formatLocalTime(date: Date | null): string {
  if (date === null) return "never";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${time}`;
}

/** `1 worker`, `3 workers`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
