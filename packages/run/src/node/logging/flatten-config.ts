/**
 * Leaves of a configuration by dotted path, as tables of hyperparameters take them. Lists become JSON. Null, numbers
 * that are not finite and values without JSON become words.
 */
export function flattenConfig(config: unknown): Record<string, string | number | boolean> {
  return Object.fromEntries(leavesOf(config, ''));
}

function* leavesOf(config: unknown, path: string): Generator<readonly [path: string, leaf: string | number | boolean]> {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
    for (const [key, value] of Object.entries(config)) yield* leavesOf(value, path === '' ? key : `${path}.${key}`);
  } else if (typeof config === 'boolean' || typeof config === 'string' || Number.isFinite(config)) {
    yield [path, config as string | number | boolean];
  } else {
    yield [path, Array.isArray(config) ? JSON.stringify(config) : String(config)];
  }
}
