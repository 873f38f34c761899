import { hostKeyCommand } from "@rbee/contract";
import type { HostKeyRequest, ShownHostKey } from "@rbee/contract";
import type { z } from "zod";
import { safeText } from "./safe-text.ts";

type Place = z.infer<typeof HostKeyRequest>;

/** A host key, by whom it is known, and how one finds out whether it is the machine's. */
export function renderHostKey(place: Place, shown: ShownHostKey): readonly string[] {
  const { host_key: key, key_type: type } = shown;
  return [`${place.ssh_host} shows ${key} (${type}).`, ...describeKnown(place, shown)].map(
    safeText,
  );
}

function describeKnown(place: Place, shown: ShownHostKey): readonly string[] {
  const compare = `On that machine, ${hostKeyCommand(shown.key_type)} says its fingerprint: every letter must be the same.`;
  const hint = (text: string) => `  -> ${text}`;
  switch (shown.known) {
    case "new":
      return [
        "Nobody here has seen this machine before.",
        hint(compare),
        hint(`rbee-keeper setup add-node ${buildWords(place)} --host-key ${shown.host_key}`),
      ];
    case "recorded":
      return ["It is the host key that the queen has recorded."];
    case "in-your-known-hosts":
      return ["It is the host key that stands in your own known hosts."];
    // `changed` is the one that is left.
    default:
      return [
        `It is another one than the recorded one, ${shown.recorded_host_key ?? "which cannot be read"}.`,
        "The machine or its SSH server was installed anew, or another machine answers in its place.",
        hint(compare),
        hint("If it is: rbee-keeper setup update-node --name <name> --accept-host-key"),
      ];
  }
}

function buildWords({ ssh_host: host, ssh_port: port, ssh_user: user }: Place): string {
  const words = ["--name <name>", `--ssh-host ${host}`];
  if (port !== undefined) words.push(`--ssh-port ${port}`);
  if (user !== undefined) words.push(`--ssh-user ${user}`);
  return words.join(" ");
}
