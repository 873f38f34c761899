import { World, setDefaultTimeout, setWorldConstructor } from "@cucumber/cucumber";
import { capPatience } from "@rbee/testkit";
import type { Box, Host, HostName, HostNetwork, ProgramRun, RunOptions } from "@rbee/testkit";
import { noteLogins } from "./support/logins.ts";
import { replaceNames, splitWords } from "./support/split-words.ts";

// A hollow product is not worth waiting for: the hollow run sets how long to look at it.
const patienceMs = Number(process.env["RBEE_TEST_PATIENCE_MS"] ?? Number.POSITIVE_INFINITY);
capPatience(patienceMs);
setDefaultTimeout(Math.min(90_000, patienceMs * 5));

/** What one scenario has in hand: a machine of its own, what was run there, what was seen. */
export class RbeeWorld extends World {
  /** Set before each scenario. */
  declare box: Box;
  /** The three machines, in scenarios that are about several; there is no box then. */
  network: HostNetwork | undefined;
  /** The last command that was run or started. */
  declare run: ProgramRun;
  /** Commands in other terminals, by the name that the scenario gives them. */
  readonly terminals = new Map<string, ProgramRun>();
  /** Values that the words of a command may name: `$MODELS`. */
  readonly names = new Map<string, string>();
  /** Facts that a later step compares with. */
  readonly facts = new Map<string, unknown>();
  /** What the scenario itself put up (servers, mounts) and takes down before the leak check. */
  readonly cleanups: (() => Promise<void> | void)[] = [];
  interruptedAt = 0;
  readonly #keepers: ProgramRun[] = [];
  /** How every program of the scenario is run: variables, words before the command. */
  runOptions: RunOptions = {};

  get isHollow(): boolean {
    return Number.isFinite(patienceMs);
  }

  /** The words of a command line as typed, without the program's name. */
  wordsOf(line: string): string[] {
    const [program, ...words] = splitWords(line, this.names);
    if (program !== "rbee-keeper" && program !== "rbee") {
      throw new Error(`a person runs rbee-keeper here, not ${program}`);
    }
    return words;
  }

  /** Starts the keeper with a command line as typed. */
  async startKeeper(line: string, options: RunOptions = {}): Promise<ProgramRun> {
    const words = this.wordsOf(line);
    if (this.network !== undefined) await noteLogins(this);
    const run = await (this.network === undefined
      ? this.box.start("rbee-keeper", words, { ...this.runOptions, ...options })
      : this.network.start("rbee-keeper", words, options));
    this.#keepers.push(run);
    return run;
  }

  host(name: string): Host {
    const host = this.network?.hosts[name as HostName];
    if (host === undefined) throw new Error(`this scenario has no host ${name}`);
    return host;
  }

  get hosts(): readonly Host[] {
    return Object.values(this.network?.hosts ?? {});
  }

  expand(text: string): string {
    return replaceNames(text, this.names);
  }

  /** The exit, waited for. */
  async end(): Promise<NonNullable<ReturnType<ProgramRun["end"]>>> {
    return await this.run.ended;
  }

  /** Files with partial answers that the keeper named to the person; they lie outside the box. */
  partialFiles(runs: readonly ProgramRun[] = this.#keepers): string[] {
    const text = runs.map((run) => run.stderr()).join("\n");
    return [...text.matchAll(/\/tmp\/rbee-partial-[A-Za-z0-9_.-]+\.txt/g)].map(([path]) => path);
  }

  fact<Value>(name: string): Value {
    if (!this.facts.has(name)) throw new Error(`no step before this one noted ${name}`);
    return this.facts.get(name) as Value;
  }
}

setWorldConstructor(RbeeWorld);
