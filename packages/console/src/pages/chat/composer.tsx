import { Button, Group, Textarea } from "@mantine/core";
import { memo, useState } from "react";
import type { KeyboardEvent } from "react";

interface ComposerProps {
  readonly isAnswering: boolean;
  /** The end of the conversation is out of sight. */
  readonly isAway: boolean;
  readonly onToEnd: () => void;
  readonly onSay: (text: string) => void;
  readonly onStop: () => void;
}

/** Where a person writes. Enter sends, Shift+Enter begins a new line, Escape stops the answer. */
export const Composer = memo((props: ComposerProps) => {
  const { isAnswering, isAway, onToEnd, onSay, onStop } = props;
  const [text, setText] = useState("");
  const send = () => {
    if (text.trim() === "" || isAnswering) return;
    onSay(text);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isAnswering) onStop();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="chat-composer">
      {isAway && (
        <Button className="chat-to-end" size="xs" variant="default" onClick={onToEnd}>
          ↓ To the end
        </Button>
      )}
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <Textarea
          aria-label="Your message"
          placeholder="Ask something. Enter sends, Shift+Enter begins a new line."
          autosize
          minRows={2}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          flex={1}
          autoFocus
        />
        {isAnswering ? (
          <Button color="red" variant="light" onClick={onStop} miw={80}>
            Stop
          </Button>
        ) : (
          <Button onClick={send} disabled={text.trim() === ""} miw={80}>
            Send
          </Button>
        )}
      </Group>
    </div>
  );
});
