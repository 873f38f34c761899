import { RbeeError, timings } from "@rbee/contract";
import type { RegisteredNode, SshTarget } from "../node-ports.ts";
import type { Errand, Story } from "../ports.ts";
import type { NodeWish, RegistrarWorld } from "./create-node-registrar.ts";

interface TestInput {
  readonly wish: NodeWish;
  readonly errand: Errand;
}

/**
 * Logs in and runs a command there. Returns the node with what was found: port, host key, the
 * absolute path of what begins with `~`. Throws why one does not get in.
 */
export async function testNode(
  { ssh, nowMs }: Pick<RegistrarWorld, "ssh" | "nowMs">,
  node: RegisteredNode,
  { wish, errand }: TestInput,
): Promise<RegisteredNode> {
  const { story, hop } = errand;
  const { name, sshHost, sshUser, sshKeyPath } = node;
  const wanted = { name, sshHost, sshUser, sshKeyPath, sshPort: node.sshPort || undefined };
  const { hostName, port, user } = await ssh.resolve(wanted);
  const target: SshTarget = { ...wanted, sshPort: port };
  const where = `${user}@${hostName}:${port}`;
  tell(story, ["ssh-test", name, `Testing the SSH connection to ${where}`, "🔍"]);
  if (wish.hostKey !== undefined) {
    const { hostKey: offered } = await ssh.showHostKey(target, { isReplaced: wish.acceptHostKey });
    requireHostKey(wish.hostKey, offered, { name, hostName, port, user });
    tell(story, ["ssh-host-key", name, `It shows the expected host key ${offered}`, "🪪"]);
  }
  const { hostKey } = await ssh.connect(target, {
    story,
    signal: hop.signal,
    acceptHostKey: wish.acceptHostKey ? "changed" : "new",
  });
  try {
    requireHostKey(wish.hostKey ?? hostKey, hostKey, { name, hostName, port, user });
  } catch (error) {
    // Another machine answered than a moment ago: its key must not be known from now on.
    await ssh.forget(target);
    throw error;
  }
  const { system, home } = await readSystem(ssh, target, hop.signal);
  tell(story, ["ssh-tested", name, `Commands run on ${name}: ${system}, home ${home}`, "✅"]);
  return {
    ...node,
    sshPort: port,
    installPath: absolutePath(node.installPath, home),
    lastConnectedUnix: Math.floor(nowMs() / 1000),
    lastError: undefined,
    status: "reachable",
    hostKey,
  };
}

interface Place {
  readonly name: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
}

/** Throws SSH_HOST_KEY_CHANGED when a machine shows another key than the person expects. */
function requireHostKey(
  expected: string | undefined,
  offered: string | undefined,
  { name, hostName, port, user }: Place,
): void {
  if (expected === offered) return;
  throw new RbeeError("SSH_HOST_KEY_CHANGED", {
    node: name,
    host: hostName,
    port,
    user,
    ...(expected === undefined ? {} : { expected_fingerprint: expected }),
    ...(offered === undefined ? {} : { offered_fingerprint: offered }),
  });
}

async function readSystem(
  ssh: RegistrarWorld["ssh"],
  target: SshTarget,
  signal: AbortSignal,
): Promise<{ readonly system: string; readonly home: string }> {
  const words = ["sh", "-c", 'uname -sm; printf "%s\\n" "$HOME"'];
  const run = await ssh.run(target, words, { signal, timeoutMs: timings.connectTimeoutMs });
  const [system = "", home = ""] = run.stdout.split("\n");
  if (run.exitCode === 0 && home.startsWith("/")) return { system, home };
  const said = (run.stderr || run.stdout).trim().split("\n").at(-1) ?? "";
  const what = `a test command ended with ${run.exitCode ?? run.signal}: ${said}`;
  const reason = run.exitCode === 0 ? "HOME is not set there." : `SSH works, but ${what}`;
  throw new RbeeError("NODE_UNREACHABLE", { node: target.name, reason });
}

function absolutePath(path: string, home: string): string {
  const inHome = path.startsWith("~/") ? `${home}/${path.slice(2)}` : path;
  return inHome.replaceAll(/\/+/g, "/").replace(/(?<=.)\/$/, "");
}

function tell(
  story: Story,
  [action, target, human, emoji]: readonly [string, string, string, string],
) {
  story({ type: "tell", line: { action, target, human, cute: `${emoji} ${human}` } });
}
