/** Environment of a system's process: that of the studio, without what pnpm told the studio of itself. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|PNPM_SCRIPT|NODE_OPTIONS$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}
