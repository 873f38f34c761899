import { Button } from "@mantine/core";
import type { ButtonProps } from "@mantine/core";
import { useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";

interface CopyButtonProps extends ButtonProps {
  /** Asked for when it is pressed. */
  readonly text: () => string;
  readonly label?: string;
}

const saidMs = 1500;

/** Copies a text, and says whether that worked. */
export function CopyButton({ text, label = "Copy", ...look }: CopyButtonProps) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (said === undefined) return undefined;
    const timer = setTimeout(() => setSaid(undefined), saidMs);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () => {
    void copyText(text()).then((isCopied) => setSaid(isCopied ? "Copied" : "Not copied"));
  };
  return (
    <Button size="xs" variant="default" {...look} onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}
