// A reporter of node:test that prints nothing but the totals and how long each file took, as one line
// of JSON.
export default async function* countReporter(source) {
  const files = [];
  for await (const { type, data } of source) {
    if (type !== "test:summary") continue;
    if (data.file !== undefined) {
      files.push({ file: data.file, seconds: data.duration_ms / 1000 });
      continue;
    }
    const { passed, failed, skipped, cancelled } = data.counts;
    yield `${JSON.stringify({ passed, failed: failed + cancelled, skipped, files })}\n`;
  }
}
