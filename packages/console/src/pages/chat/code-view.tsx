import { memo, startTransition, useEffect, useMemo, useRef, useState } from "react";
import { CopyButton } from "../../parts/copy-button.tsx";
import { askColours } from "./ask-colours.ts";
import { linesInPart } from "./lines-in-part.ts";
import type { CodePart } from "./colour-code.ts";
import { splitLines } from "./split-markdown.ts";

interface CodeViewProps {
  /** Empty when nobody said which. */
  readonly language: string;
  readonly text: string;
  /** Colours come when it is whole. */
  readonly isGrowing: boolean;
}

// Beyond this colours cost more than they help.
const colouredCharactersMax = 30_000;

/**
 * Code, in parts: while it grows the browser lays out anew only the last of them, and colours come
 * one part after the other.
 */
export const CodeView = memo(({ language, text, isGrowing }: CodeViewProps) => {
  const place = useRef<HTMLPreElement>(null);
  const plain = useMemo(() => splitLines(text, linesInPart), [text]);
  const isColoured = !isGrowing && language !== "" && text.length <= colouredCharactersMax;
  const coloured = useColours(isColoured ? language : "", text);
  return (
    <div className="code-block">
      <pre ref={place} tabIndex={0} aria-label="Code">
        <code>
          {plain.map((part, index) => (
            // Parts keep their place.
            // oxlint-disable-next-line react/no-array-index-key -- a part has no name of its own
            <PartView key={index} text={part} tokens={coloured?.[index]} />
          ))}
        </code>
      </pre>
      <CopyButton
        className="code-copy"
        size="compact-xs"
        label="Copy the code"
        text={() => place.current?.textContent ?? ""}
      />
    </div>
  );
});

interface PartViewProps {
  readonly text: string;
  readonly tokens: CodePart | undefined;
}

const PartView = memo(({ text, tokens }: PartViewProps) => (
  <span className="code-part">{tokens === undefined ? text : tokens.map(renderToken)}</span>
));

function renderToken({ kind, text }: CodePart[number], index: number) {
  if (kind === "") return text;
  return (
    <span key={index} className={kind}>
      {text}
    </span>
  );
}

interface Colours {
  readonly text: string;
  readonly parts: readonly CodePart[] | undefined;
}

function useColours(language: string, text: string): readonly CodePart[] | undefined {
  const [colours, setColours] = useState<Colours>();
  useEffect(() => {
    if (language === "") return undefined;
    let isWanted = true;
    void askColours(language, text).then((parts) => {
      if (isWanted) startTransition(() => setColours({ text, parts }));
    });
    return () => void (isWanted = false);
  }, [language, text]);
  return colours?.text === text ? colours.parts : undefined;
}
