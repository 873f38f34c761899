import type { ShownHostKey } from "@rbee/contract";

export interface HostKeyWords {
  readonly title: string;
  readonly text: string;
  /** True when to go on means to give up what is recorded. */
  readonly isWarning: boolean;
}

/** What a person should know before trusting the key that a machine shows. */
export function describeHostKey({ known }: Pick<ShownHostKey, "known">): HostKeyWords {
  switch (known) {
    case "new":
      return {
        title: "Is this the machine?",
        text: "Nobody here has seen this machine before. Compare the fingerprint before you trust it: it is recorded when you go on, and from then on no other machine can stand in for it.",
        isWarning: false,
      };
    case "recorded":
      return {
        title: "The machine that is known here",
        text: "It shows the host key that the queen has recorded.",
        isWarning: false,
      };
    case "in-your-known-hosts":
      return {
        title: "A machine that you know",
        text: "It shows the host key that stands in your own known hosts.",
        isWarning: false,
      };
    // `changed` is the one that is left.
    default:
      return {
        title: "It shows another host key than the recorded one",
        text: "That is so when the machine was installed anew, or its SSH server was. It is also what you would see if another machine answered in its place. Go on only if you know why, and the fingerprint is that of the machine.",
        isWarning: true,
      };
  }
}
