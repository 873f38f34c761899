import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { eventually, sshHostObstacle } from "@rbee/testkit";
import { createRemoteNode } from "../../queen/test/remote-node-fixture.ts";
import type { RemoteNode } from "../../queen/test/remote-node-fixture.ts";
import { assertAccessible, openStage, skip } from "./console-fixture.ts";
import type { Stage, Tab } from "./console-fixture.ts";

const obstacle = skip || (sshHostObstacle() ?? false);

describe("from an empty installation to a chat on a second machine", { skip: obstacle }, () => {
  let stage: Stage;
  let node: RemoteNode;
  let tab: Tab;
  before(async () => {
    stage = await openStage();
    node = await createRemoteNode(stage.box, "mac");
    tab = await stage.open();
  });
  after(async () => {
    // The queen first, with what she started there.
    await stage.box
      .queen()
      .call("shutdown", { body: undefined })
      .catch(() => {});
    await eventually(() => node.programs().length === 0, { timeoutMs: 35_000 }).catch(() => {});
    await node.host.close();
    await stage[Symbol.asyncDispose]();
  });

  // What a test that failed left open is not in the way of the next.
  afterEach(async () => {
    if ((await tab.page.getByRole("dialog").count()) > 0) await tab.page.reload();
  });

  it("adds the machine after a test of SSH whose steps are told", async () => {
    const { page } = tab;
    await tab.go("Machines");
    await page
      .getByRole("button", { name: /^Add (?:a|your first) machine$/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("mac");
    await dialog.getByLabel("SSH host").fill(node.host.address);
    await dialog.getByRole("button", { name: /^More/ }).click();
    await dialog.getByLabel("SSH port").fill(String(node.host.port));
    await dialog.getByLabel("SSH user").fill(node.host.user);
    await dialog.getByLabel("SSH key").fill(node.host.clientKey);
    await dialog.getByLabel("Install path there").fill(node.installPath);
    await dialog.getByRole("button", { name: "Look at the machine" }).click();
    await dialog.getByText(node.host.hostKeyFingerprint()).waitFor();
    await dialog.getByRole("button", { name: "It is this machine: test and add" }).click();
    await dialog.getByText("mac is registered").waitFor();
    await page.keyboard.press("Escape");
    const card = page.getByRole("article", { name: "Machine mac" });
    await card.getByText(node.host.hostKeyFingerprint()).waitFor();
  });

  it("loads a model there, and starts what that needs", async () => {
    const { page } = tab;
    await tab.go("Workers");
    await tab.button("Load a model").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Machine").click();
    await page.getByRole("option", { name: "mac" }).click();
    await dialog.getByRole("button", { name: "Load", exact: true }).click();
    await dialog.getByRole("button", { name: "It is loaded; close" }).click();
    await page.getByRole("row", { name: /hello-bee.*mac/ }).waitFor();
  });

  it("talks to it, and shows what was asked of whom", async () => {
    const { page } = tab;
    await tab.go("Chat");
    await tab.button("Begin a chat").click();
    await page.getByLabel("Tokens at most").fill("12");
    await page.getByLabel("Temperature").fill("0");
    await page.getByLabel("Your message", { exact: true }).fill("Once upon a time");
    await page.keyboard.press("Enter");
    const answers = page.getByRole("article", { name: /^Answer of/ });
    await answers.getByText(/tokens\/s.*on mac/).waitFor();
    const first = await answers.locator(".markdown").innerText();
    assert.notEqual(first.trim(), "");

    await tab.button("Edit").click();
    await page.getByLabel("Your message, changed").fill("The bee");
    await tab.button("Send anew").click();
    await page.getByText("2 of 2").waitFor();
    await answers.getByText(/tokens\/s.*on mac/).waitFor();
    assert.notEqual(await answers.locator(".markdown").innerText(), first);
    await tab.button("The version before").click();
    await eventually(async () => (await answers.locator(".markdown").innerText()) === first);
    await assertAccessible(tab, "a conversation");

    await tab.button("Two models side by side").click();
    await page.getByLabel("Your message", { exact: true }).fill("Two of you");
    await tab.button("Send").click();
    const told = () => answers.getByText(/on mac/).count();
    await eventually(async () => (await told()) === 4, { timeoutMs: 30_000 });
    await page.reload();
    await page.getByRole("button", { name: "Once upon a time", exact: true }).first().click();
    await answers
      .getByText(/on mac/)
      .first()
      .waitFor();

    await tab.go("Requests");
    const row = page.getByRole("row", { name: /hello-bee.*mac/ }).first();
    await row.getByRole("button", { name: "Details" }).click();
    const details = page.getByRole("dialog");
    await details.getByRole("cell", { name: "mac", exact: true }).waitFor();
    await details.getByText(/^Writing the answer/).waitFor();
    await tab.button("Close the request").click();
  });

  it("keeps conversations as a file that another browser reads", async () => {
    await tab.go("Chat");
    const saving = tab.page.waitForEvent("download");
    await tab.button("Export").click();
    const file = await (await saving).path();
    const other = await stage.open("/chat");
    const choosing = other.page.waitForEvent("filechooser");
    await other.button("Import").click();
    await (await choosing).setFiles(file);
    await other.page.getByRole("button", { name: "Once upon a time" }).first().waitFor();
    assert.deepEqual(other.problems(), []);
    await other.page.close();
  });

  it("stops the machine's hive and forgets the machine", async () => {
    const { page } = tab;
    await tab.go("Machines");
    const card = page.getByRole("article", { name: "Machine mac" });
    await card.getByRole("button", { name: "Stop", exact: true }).click();
    await tab.button("Stop it").click();
    await card.getByText("asleep").waitFor();
    await eventually(() => node.programs().length === 0, { timeoutMs: 35_000 });
    await card.getByRole("button", { name: "Remove" }).click();
    await tab.button("Remove it").click();
    await card.waitFor({ state: "detached" });
    assert.deepEqual((await stage.box.queen().call("listNodes")).nodes, []);
    assert.deepEqual(tab.problems(), []);
  });
});
