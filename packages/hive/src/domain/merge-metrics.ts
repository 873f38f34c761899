/** One program's metrics in Prometheus' text format, and the labels that tell it from others. */
export interface MetricsPage {
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string;
}

interface Family {
  readonly comments: string[];
  readonly samples: string[];
}

/**
 * Several pages as one: the lines of a family stand together, as the format wants, and every sample
 * has the labels of its page. Only families whose name begins with the prefix are kept.
 */
export function mergeMetrics(pages: readonly MetricsPage[], prefix: string): string {
  const families = new Map<string, Family>();
  for (const page of pages) addPage(families, page, prefix);
  return [...families.values()]
    .flatMap(({ comments, samples }) => [...comments, ...samples])
    .map((line) => `${line}\n`)
    .join("");
}

const commentLine = /^# (HELP|TYPE) (\S+) /;
const sampleLine = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

function addPage(families: Map<string, Family>, page: MetricsPage, prefix: string): void {
  const added = Object.entries(page.labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(",");
  const seen = new Set<string>();
  let current: Family | undefined;
  for (const line of page.text.split("\n")) {
    const comment = commentLine.exec(line);
    if (comment !== null) {
      const [, kind = "", name = ""] = comment;
      current = name.startsWith(prefix) ? familyOf(families, name) : undefined;
      // Said once, by the first page that has it.
      if (current !== undefined && current.samples.length === 0 && !seen.has(`${kind} ${name}`)) {
        current.comments.push(line);
      }
      seen.add(`${kind} ${name}`);
      continue;
    }
    const sample = sampleLine.exec(line);
    if (current === undefined || sample === null) continue;
    const [, name = "", own = "", value = ""] = sample;
    const labels = own === "" ? added : `${own},${added}`;
    current.samples.push(`${name}{${labels}} ${value}`);
  }
}

function familyOf(families: Map<string, Family>, name: string): Family {
  const family = families.get(name) ?? { comments: [], samples: [] };
  families.set(name, family);
  return family;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
