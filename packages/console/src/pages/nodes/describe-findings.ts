import type { DoctorFinding } from "@rbee/contract";

/** What came out of a look, in one sentence. */
export function describeFindings(findings: readonly Pick<DoctorFinding, "status">[]): string {
  const count = (status: DoctorFinding["status"]) =>
    findings.filter((finding) => finding.status === status).length;
  const problems = count("problem");
  const warnings = count("warning");
  if (problems + warnings === 0) return "All is well.";
  const parts = [
    ...(problems > 0 ? [plural(problems, "problem")] : []),
    ...(warnings > 0 ? [plural(warnings, "warning")] : []),
  ];
  return `${parts.join(" and ")}; what mends each stands below it.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
