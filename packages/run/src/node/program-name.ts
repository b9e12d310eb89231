/**
 * How a user starts a system: in the workspace, where it runs from its sources, `pnpm --filter vae`; installed,
 * `npx motley-vae`.
 */
export function programName(system: string, moduleUrl: string = import.meta.url): string {
  return moduleUrl.endsWith('.ts') ? `pnpm --filter ${system}` : `npx motley-${system}`;
}
