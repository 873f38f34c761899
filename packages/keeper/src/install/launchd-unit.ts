import { join } from "node:path";
import type { InstallPlaces } from "./install-places.ts";
import { stopSeconds, unitMark } from "./unit-input.ts";
import type { ServiceUnit, UnitInput } from "./unit-input.ts";

const launchdName = "rbee.queen";

export function launchdUnit({ places, homeDirectory, person }: UnitInput): ServiceUnit {
  const folder = places.isSystem
    ? "/Library/LaunchDaemons"
    : join(homeDirectory, "Library/LaunchAgents");
  const path = join(folder, `${launchdName}.plist`);
  const log = places.isSystem
    ? "/Library/Logs/rbee.queen.log"
    : join(homeDirectory, "Library/Logs/rbee.queen.log");
  const domain = places.isSystem ? "system" : "gui/$(id -u)";
  const sudo = places.isSystem ? "sudo " : "";
  return {
    files: [{ path, text: renderPropertyList({ places, person, log }) }],
    enable: [`${sudo}launchctl bootstrap ${domain} ${path}`],
    disable: [`${sudo}launchctl bootout ${domain}/${launchdName}`],
    enabledLinks: [],
    log,
  };
}

interface PropertyListInput {
  readonly places: InstallPlaces;
  readonly person: string;
  readonly log: string;
}

function renderPropertyList({ places, person, log }: PropertyListInput): string {
  const user = places.isSystem
    ? `  <key>UserName</key>\n  <string>${escapeXml(person)}</string>\n`
    : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${unitMark} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchdName}</string>
${user}  <key>ProgramArguments</key>
  <array>
    <string>${escapeXml(join(places.binaries, "queen-rbee"))}</string>
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>${stopSeconds}</integer>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(log)}</string>
</dict>
</plist>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
