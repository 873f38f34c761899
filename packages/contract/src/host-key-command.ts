const files: Readonly<Record<string, string>> = {
  "ssh-ed25519": "ssh_host_ed25519_key.pub",
  "ssh-rsa": "ssh_host_rsa_key.pub",
  "rsa-sha2-512": "ssh_host_rsa_key.pub",
  "rsa-sha2-256": "ssh_host_rsa_key.pub",
};

/** The command that says the fingerprint of its host key on a machine itself. */
export function hostKeyCommand(keyType: string): string {
  const name = keyType.startsWith("ecdsa-") ? "ssh_host_ecdsa_key.pub" : files[keyType];
  return `ssh-keygen -lf /etc/ssh/${name ?? "ssh_host_ed25519_key.pub"}`;
}
