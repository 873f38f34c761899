// A reporter of node:test that prints nothing but the totals, as one line of JSON.
export default async function* countReporter(source) {
  for await (const event of source) {
    if (event.type !== "test:summary" || event.data.file !== undefined) continue;
    const { passed, failed, skipped, cancelled } = event.data.counts;
    yield `${JSON.stringify({ passed, failed: failed + cancelled, skipped })}\n`;
  }
}
