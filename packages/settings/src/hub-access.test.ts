import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { findHubAccess } from "./hub-access.ts";
import { Settings } from "./settings-schema.ts";

const find = (environment: Record<string, string>, hive: object = {}) =>
  findHubAccess({ settings: Settings.parse({ hive }), environment, homeDirectory: "/home/bee" });

describe("the way to the hub", () => {
  it("is the public hub without a token when nothing is said", () => {
    assert.deepEqual(find({ HF_ENDPOINT: "", HF_TOKEN: " " }), {
      endpoint: "https://huggingface.co",
      token: undefined,
      proxies: {},
    });
  });

  it("follows the variables of the hub's own tools, and rbee's settings before them", () => {
    const environment = {
      HF_ENDPOINT: "http://mirror:8090/",
      HF_TOKEN: "hf_ofThePerson",
      https_proxy: "http://proxy:3128",
      PATH: "/bin",
    };
    assert.deepEqual(find(environment), {
      endpoint: "http://mirror:8090",
      token: "hf_ofThePerson",
      proxies: { https_proxy: "http://proxy:3128" },
    });
    assert.equal(find(environment, { hub_endpoint: "https://own" }).endpoint, "https://own");
  });

  it("takes the token from a file that only its owner can read", () => {
    const folder = mkdtempSync(join(tmpdir(), "rbee-hub-access-"));
    const path = join(folder, "token");
    writeFileSync(path, "hf_aTokenInAFile\n", { mode: 0o600 });
    const environment = { HF_TOKEN: "hf_another" };
    assert.equal(find(environment, { hub_token_file: path }).token, "hf_aTokenInAFile");
    writeFileSync(join(folder, "hub.token"), "hf_aTokenOfTheService\n", { mode: 0o400 });
    const service = { ...environment, CREDENTIALS_DIRECTORY: folder };
    assert.equal(find(service).token, "hf_aTokenOfTheService");
    writeFileSync(join(folder, "open"), "hf_aTokenInAFile\n", { mode: 0o644 });
    assert.throws(
      () => find(environment, { hub_token_file: join(folder, "open") }),
      (error) => RbeeError.is(error, "INSECURE_SECRET"),
    );
    rmSync(folder, { recursive: true });
  });

  it("refuses an HF_ENDPOINT that is no address", () => {
    assert.throws(
      () => find({ HF_ENDPOINT: "mirror" }),
      (error) => RbeeError.is(error, "INVALID_CONFIGURATION"),
    );
  });
});
