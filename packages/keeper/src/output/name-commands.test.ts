import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nameCommands } from "./name-commands.ts";

const hint = "Stop it: rbee-keeper queen stop, or rbee-keeper --queen http://127.0.0.1:1 status.";

describe("nameCommands", () => {
  it("writes commands as the person typed the launcher", () => {
    assert.equal(
      nameCommands(hint, { RBEE_LAUNCHER: "./rbee" }),
      "Stop it: ./rbee queen stop, or ./rbee --queen http://127.0.0.1:1 status.",
    );
    const environment = { RBEE_LAUNCHER: "/home/me/bin/rbee", PATH: "/usr/bin:/home/me/bin" };
    assert.match(nameCommands(hint, environment), /^Stop it: rbee queen stop, or rbee --queen/);
    assert.match(
      nameCommands(hint, { ...environment, PATH: "/usr/bin" }),
      /^Stop it: \/home\/me\/bin\/rbee queen stop/,
    );
  });

  it("leaves the program's name alone where it is no command", () => {
    for (const text of [
      "rbee-keeper v0.1.0",
      "[rbee-keeper] starting queen-rbee",
      "This rbee-keeper does not know that error",
      "Here rbee-keeper uses the key.",
    ]) {
      assert.equal(nameCommands(text, { RBEE_LAUNCHER: "./rbee" }), text);
    }
  });

  it("changes nothing without a launcher, or with one that would have to be quoted", () => {
    assert.equal(nameCommands(hint, {}), hint);
    assert.equal(nameCommands(hint, { RBEE_LAUNCHER: "/home/a b/rbee" }), hint);
    assert.equal(nameCommands(hint, { RBEE_LAUNCHER: "./rbee; rm -r" }), hint);
  });
});
