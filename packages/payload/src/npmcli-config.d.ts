// The parts of npm's configuration reader that are used here; it comes without types.
declare module "@npmcli/config" {
  interface ConfigInput {
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
    readonly npmPath: string;
    readonly execPath: string;
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly cwd: string;
    readonly warn: boolean;
  }
  export default class Config {
    constructor(input: ConfigInput);
    load(): Promise<void>;
    get flat(): { readonly registry: string };
  }
}

declare module "@npmcli/config/lib/definitions/index.js" {
  const npmDefinitions: {
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
  };
  export default npmDefinitions;
}
