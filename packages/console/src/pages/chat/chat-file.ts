import { z } from "zod";
import { Conversation } from "./conversation.ts";

const formatVersion = 1;
const ChatFile = z.object({
  rbee_chats: z.literal(formatVersion),
  conversations: z.array(Conversation),
});
const OtherFile = z.object({ rbee_chats: z.number() });

/** Conversations as a file that another browser can read. */
export function formatChatFile(conversations: readonly Conversation[]): string {
  return `${JSON.stringify({ rbee_chats: formatVersion, conversations }, null, 2)}\n`;
}

/** The conversations of such a file; a sentence for the person when it is none. */
export function parseChatFile(text: string): readonly Conversation[] | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return "This file is not JSON: choose one that was exported here.";
  }
  const parsed = ChatFile.safeParse(content);
  if (parsed.success) return parsed.data.conversations;
  const other = OtherFile.safeParse(content).data?.rbee_chats ?? formatVersion;
  if (other !== formatVersion) {
    return `This file is of another version of rbee: its format is ${other}, and ${formatVersion} is read here.`;
  }
  const place = parsed.error.issues[0]?.path.join(".") ?? "";
  return `This file holds no conversations of rbee (it breaks at ${place || "its top"}).`;
}
