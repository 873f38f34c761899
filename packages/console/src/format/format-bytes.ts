import { sizes } from "@rbee/contract";

/** `512 MB`, `7.6 GB`: as people speak of memory. */
export function formatBytes(bytes: number): string {
  const megabytes = bytes / sizes.bytesPerMb;
  if (megabytes < 1) return `${Math.max(0, Math.ceil(bytes / 1024))} KB`;
  if (megabytes < 1000) return `${Math.round(megabytes)} MB`;
  return `${(megabytes / 1024).toFixed(1)} GB`;
}
