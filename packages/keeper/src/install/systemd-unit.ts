import { join } from "node:path";
import type { InstallPlaces } from "./install-places.ts";
import { stopSeconds, unitMark } from "./unit-input.ts";
import type { ServiceUnit, UnitInput } from "./unit-input.ts";

const systemdName = "queen-rbee.service";

export function systemdUnit({ places, homeDirectory }: UnitInput): ServiceUnit {
  if (!places.isSystem) {
    const folder = join(homeDirectory, ".config/systemd/user");
    return {
      files: [{ path: join(folder, systemdName), text: renderUserUnit(places) }],
      enable: [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now queen-rbee",
        // A person's services end with their last login otherwise.
        "loginctl enable-linger",
      ],
      disable: ["systemctl --user disable --now queen-rbee"],
      enabledLinks: [join(folder, "default.target.wants", systemdName)],
      log: "journalctl --user -u queen-rbee",
    };
  }
  const folder = "/etc/systemd/system";
  return {
    files: [
      { path: join(folder, systemdName), text: renderSystemUnit(places) },
      { path: "/etc/sysusers.d/rbee.conf", text: renderSystemUser() },
    ],
    enable: [
      "sudo systemd-sysusers rbee.conf",
      "sudo systemctl daemon-reload",
      "sudo systemctl enable --now queen-rbee",
    ],
    disable: ["sudo systemctl disable --now queen-rbee"],
    enabledLinks: [join(folder, "multi-user.target.wants", systemdName)],
    log: "journalctl -u queen-rbee",
  };
}

function renderUserUnit({ binaries }: InstallPlaces): string {
  return `# ${unitMark}
[Unit]
Description=rbee: queen-rbee, the orchestrator

[Service]
Type=exec
ExecStart=${quoteWord(join(binaries, "queen-rbee"))}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=${stopSeconds}
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

// GPUs are devices, so devices stay visible; Node makes code at run time, so memory may be both
// writable and executable; models may be anywhere, so homes can be read.
function renderSystemUnit({ binaries }: InstallPlaces): string {
  return `# ${unitMark}
[Unit]
Description=rbee: queen-rbee, the orchestrator
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=rbee
StateDirectory=rbee rbee/models
Environment=HOME=/var/lib/rbee
WorkingDirectory=/var/lib/rbee
ExecStart=${quoteWord(join(binaries, "queen-rbee"))}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=${stopSeconds}
# A key for clients on other machines: LoadCredential=queen.key:/etc/rbee/queen.key
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
CapabilityBoundingSet=
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

function renderSystemUser(): string {
  return `# ${unitMark}
u rbee - "rbee, private LLM service" /var/lib/rbee
m rbee video
m rbee render
`;
}

// systemd splits words at blanks and knows % as a sign.
function quoteWord(word: string): string {
  return `"${word.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}
