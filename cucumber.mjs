// The acceptance scenarios. Steps are TypeScript that Node runs as it is.
export default {
  paths: ["acceptance/features/**/*.feature"],
  import: ["acceptance/world.ts", "acceptance/hooks.ts", "acceptance/steps/*.ts"],
  strict: true,
};
