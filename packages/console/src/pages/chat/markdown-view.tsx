import { memo, useMemo } from "react";
import Markdown from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import remarkGfm from "remark-gfm";
import { splitMarkdown } from "./split-markdown.ts";

/** Markdown with code in colours. Pictures are not fetched: nothing leaves this page. */
export function MarkdownView({ text }: { readonly text: string }) {
  const blocks = useMemo(() => splitMarkdown(text), [text]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        // Blocks grow at the end only; those before keep their place.
        // oxlint-disable-next-line react/no-array-index-key -- a block has no name of its own
        <Block key={index} text={block} />
      ))}
    </div>
  );
}

const Block = memo(({ text }: { readonly text: string }) => (
  <Markdown
    remarkPlugins={[remarkGfm]}
    rehypePlugins={[rehypeHighlight]}
    components={{ img: ({ alt = "" }) => <span>[{alt || "picture"}]</span>, a: OutsideLink }}
  >
    {text}
  </Markdown>
));

function OutsideLink({ href, children }: React.ComponentProps<"a">) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
