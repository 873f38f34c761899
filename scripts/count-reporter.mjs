// A reporter of node:test that prints nothing but the totals and the files with a failed test, as
// one line of JSON.
export default async function* countReporter(source) {
  const failedFiles = new Set();
  for await (const event of source) {
    if (event.type === "test:fail" && event.data.file) failedFiles.add(event.data.file);
    if (event.type !== "test:summary" || event.data.file !== undefined) continue;
    const { passed, failed, skipped, cancelled } = event.data.counts;
    const files = [...failedFiles];
    yield `${JSON.stringify({ passed, failed: failed + cancelled, skipped, files })}\n`;
  }
}
