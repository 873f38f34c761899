import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { catalogueName } from "./resolve-model.ts";

export function verifyModels({ catalogue, aliases }: HttpWorld): HiveHandler<"verifyModels"> {
  return ({ body, signal, stream }) => {
    const { model_ref: text } = body;
    const name = text === undefined ? undefined : catalogueName(text, aliases());
    return stream(async ({ send }) => {
      let checked = 0;
      let bad = 0;
      for await (const { id, reference, problem } of catalogue.verify(name, signal)) {
        checked += 1;
        if (problem !== null) bad += 1;
        await send({ type: "result", id, reference, ok: problem === null, problem });
      }
      await send({ type: "done", done: true, checked, bad });
    });
  };
}
