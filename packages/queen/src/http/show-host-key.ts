import type { HttpWorld, QueenHandler } from "./http-world.ts";

/** The key that a machine shows, for a person to compare before anything is trusted. */
export function showHostKey({ registrar }: HttpWorld): QueenHandler<"showHostKey"> {
  return async ({ body }) => {
    const { hostKey, keyType, known, recorded } = await registrar.showHostKey({
      // It has no name yet; errors call it by what the person wrote.
      name: body.ssh_host,
      sshHost: body.ssh_host,
      sshPort: body.ssh_port,
      sshUser: body.ssh_user,
      sshKeyPath: undefined,
    });
    return { host_key: hostKey, key_type: keyType, known, recorded_host_key: recorded ?? null };
  };
}
