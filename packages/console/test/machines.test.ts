import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually, sshHostObstacle, testedInstallation } from "@rbee/testkit";
import type { Locator } from "playwright-core";
import { createRemoteNode } from "../../queen/test/remote-node-fixture.ts";
import type { RemoteNode } from "../../queen/test/remote-node-fixture.ts";
import { assertAccessible, assertNoSideways, openStage, skip } from "./console-fixture.ts";
import type { Stage, Tab } from "./console-fixture.ts";

const obstacle = skip || (sshHostObstacle() ?? false);
const installMs = 180_000;

describe("a machine with nothing but an SSH server", { skip: obstacle }, () => {
  let stage: Stage;
  let node: RemoteNode;
  let tab: Tab;
  let dialog: Locator;
  let card: Locator;
  before(async () => {
    stage = await openStage();
    // What is sent to a machine may be made of the sources, by the scripts beside them.
    const scripts = join(testedInstallation().root, "scripts");
    if (existsSync(scripts)) symlinkSync(scripts, join(stage.box.installation.root, "scripts"));
    node = await createRemoteNode(stage.box, "mac", { isInstalled: false });
    tab = await stage.open("/nodes");
    dialog = tab.page.getByRole("dialog");
    card = tab.page.getByRole("article", { name: "Machine mac" });
  });
  after(async () => {
    await stage.box
      .queen()
      .call("shutdown", { body: undefined })
      .catch(() => {});
    await eventually(() => node.programs().length === 0, { timeoutMs: 35_000 }).catch(() => {});
    await node.host.close();
    await stage[Symbol.asyncDispose]();
  });
  const nodes = async () => (await stage.box.queen().call("listNodes")).nodes;

  it("is asked for where there is none, with what it needs", async () => {
    await tab.button("Add your first machine").waitFor();
    await assertAccessible(tab, "no other machine");
    // shot: 1-empty
  });

  it("shows its host key before anybody logs in, and why where it cannot", async () => {
    await tab.button("Add your first machine").click();
    await dialog.getByLabel("Name").fill("mac");
    await dialog.getByLabel("SSH host").fill(node.host.address);
    await dialog.getByRole("button", { name: /^More/ }).click();
    await dialog.getByLabel("SSH port").fill("1");
    await dialog.getByLabel("SSH user").fill(node.host.user);
    await dialog.getByLabel("SSH key").fill(node.host.clientKey);
    await dialog.getByLabel("Install path there").fill(node.installPath);
    await dialog.getByRole("button", { name: "Look at the machine" }).click();
    await dialog.getByRole("alert").getByText("SSH_CONNECTION_REFUSED").waitFor();
    // shot: 2-refused
    await dialog.getByLabel("SSH port").fill(String(node.host.port));
    assert.equal(await dialog.getByRole("alert").count(), 0);
    await dialog.getByRole("button", { name: "Look at the machine" }).click();
    await dialog.getByText(node.host.hostKeyFingerprint()).waitFor();
    await dialog.getByText("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").waitFor();
    assert.equal(node.host.countLogins(), 0);
    assert.deepEqual(await nodes(), []);
    await assertAccessible(tab, "a host key");
    // shot: 3-host-key
  });

  it("is not added when another machine answers than the one that was looked at", async () => {
    await node.host.changeHostKey();
    await dialog.getByRole("button", { name: "It is this machine: test and add" }).click();
    await dialog.getByRole("alert").getByText("SSH_HOST_KEY_CHANGED").waitFor();
    assert.equal(node.host.countLogins(), 0);
    assert.deepEqual(await nodes(), []);
    // shot: 4-other-key
  });

  it("is added with the key that was looked at, and the steps of the test are told", async () => {
    await dialog.getByRole("button", { name: "Look again" }).click();
    await dialog.getByText(node.host.hostKeyFingerprint()).waitFor();
    await dialog.getByRole("button", { name: "It is this machine: test and add" }).click();
    await dialog.getByText("mac is registered").waitFor();
    assert.equal((await nodes())[0]?.host_key, node.host.hostKeyFingerprint());
    // shot: 5-added
  });

  it("gets rbee, with progress, and is looked at", { timeout: installMs }, async () => {
    await dialog.getByRole("button", { name: "Install rbee there" }).click();
    await dialog.getByRole("progressbar").waitFor({ timeout: installMs });
    // shot: 6-installing
    await dialog.getByRole("button", { name: "Hide this, and go on" }).click();
    await dialog.waitFor({ state: "detached" });
    await card.getByRole("button", { name: /^Install/ }).click();
    await dialog.getByText(/is installed on mac/).waitFor({ timeout: installMs });
    assert.equal(existsSync(join(node.installPath, "current")), true);
    await dialog.getByRole("button", { name: "Check" }).click();
    await dialog.getByText(/started by this queen/).waitFor({ timeout: installMs });
    await assertAccessible(tab, "findings about a machine");
    // shot: 7-checked
    await dialog.getByRole("button", { name: "Done" }).click();
    await card.getByText(/^reachable · v/).waitFor();
    await assertAccessible(tab, "machines");
    // shot: 8-machines
  });

  it("has a log, and its hive is restarted", async () => {
    await card.getByRole("button", { name: "Log" }).click();
    await tab.page.getByRole("log", { name: "Log of mac" }).getByText(/hive/).first().waitFor();
    await tab.button("Close the log").click();
    const pid = node.pidOf("rbee-hive");
    await card.getByRole("button", { name: "Restart" }).click();
    await tab.button("Restart it").click();
    await card.getByText(/^rbee-hive v\S+ runs on mac/).waitFor();
    assert.notEqual(node.pidOf("rbee-hive"), pid);
  });

  it("that shows another host key is trusted again only when a person says so", async () => {
    const recorded = node.host.hostKeyFingerprint();
    await node.host.changeHostKey();
    await card.getByRole("button", { name: /^(?:Change|Compare the host keys)$/ }).click();
    await dialog.getByRole("button", { name: "Look at the machine" }).click();
    const key = dialog.getByRole("alert", {
      name: "It shows another host key than the recorded one",
    });
    await key.getByText(recorded).waitFor();
    await key.getByText(node.host.hostKeyFingerprint()).waitFor();
    assert.equal((await nodes())[0]?.host_key, recorded);
    await assertAccessible(tab, "a host key that changed");
    // shot: 9-key-changed
    await dialog.getByRole("button", { name: "It is this machine: test and save" }).click();
    await card.getByText(node.host.hostKeyFingerprint()).waitFor();
    assert.equal((await nodes())[0]?.host_key, node.host.hostKeyFingerprint());
  });

  it("fits a telephone", async () => {
    const phone = await stage.open("/nodes", { viewport: { width: 360, height: 740 } });
    await phone.page.getByRole("article", { name: "Machine mac" }).waitFor();
    await assertNoSideways(phone, "machines");
    // phone-shot: 10-phone
    await phone.button("Add a machine").click();
    await phone.page.getByRole("dialog").getByLabel("Name").waitFor();
    await assertNoSideways(phone, "the form of a machine");
    // phone-shot: 11-phone-form
    await phone.page.close();
  });

  it("is removed, and it is told what stays", async () => {
    await card.getByRole("button", { name: "Remove" }).click();
    // shot: 12-remove
    await tab.button("Remove it").click();
    await card.waitFor({ state: "detached", timeout: 60_000 });
    await tab.page.getByText(/is removed from the rbee-hive registry/).waitFor();
    assert.deepEqual(await nodes(), []);
    assert.equal(existsSync(join(node.installPath, "current")), false);
    assert.deepEqual(tab.problems(), []);
    // shot: 13-removed
  });
});
