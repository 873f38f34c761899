import { createHiveClient } from "@rbee/sdk";
import type { HiveClient } from "@rbee/sdk";
import type { Hop, NodeAccess } from "../ports.ts";
import { translateHiveFailure } from "./hive-failure.ts";

/** A hive's client as it is, with the node's address and key of now. */
export function openHiveClient(node: NodeAccess): HiveClient {
  return createHiveClient({ baseUrl: node.hive.url, key: node.hiveKey, fetch: node.fetch });
}

/** The same for one request: it carries the request's hop and translates what goes wrong. */
export function openTranslatedClient(node: NodeAccess, hop: Hop): HiveClient {
  const client = openHiveClient(node);
  const translated = (error: unknown) =>
    hop.signal.aborted ? hop.signal.reason : translateHiveFailure(error, node);
  return {
    async call(name, options) {
      try {
        return await client.call(name, { ...hop, ...options });
      } catch (error) {
        throw translated(error);
      }
    },
    async stream(name, options) {
      try {
        const events = await client.stream(name, { ...hop, ...options });
        return translateStream(events, translated);
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

async function* translateStream<Event>(
  events: AsyncGenerator<Event, void, void>,
  translated: (error: unknown) => unknown,
): AsyncGenerator<Event, void, void> {
  try {
    yield* events;
  } catch (error) {
    throw translated(error);
  }
}
