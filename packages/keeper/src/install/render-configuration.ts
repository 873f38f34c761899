const heading = `# rbee's configuration. Every line below is a default: take the # away from a line to change it.
# Files do not merge; RBEE_CONFIG and --config name another one. Any key can be overridden:
# RBEE_<SECTION>_<KEY>, for example RBEE_QUEEN_PORT=8090.
`;

/**
 * The commented example with every value commented out, so that a later version's defaults hold;
 * only `models`, when given, is set.
 */
export function renderConfiguration(example: string, models: string | undefined): string {
  const lines = example.split("\n");
  const first = lines.findIndex((line) => !line.startsWith("#"));
  const body = lines.slice(first).map((line) => {
    if (models !== undefined && /^#? ?models_dir *=/.test(line)) {
      return `models_dir = ${JSON.stringify(models)}`;
    }
    return /^[a-z_]+ *=/.test(line) ? `# ${line}` : line;
  });
  return [heading.trimEnd(), ...body].join("\n");
}
