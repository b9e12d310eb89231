/**
 * Leaves of a configuration by dotted path, as tables of hyperparameters take them. Lists become JSON. Null, numbers
 * that are not finite and values without JSON become words.
 */
export function flattenConfig(config: unknown, prefix = ''): Record<string, string | number | boolean> {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
    return Object.assign(
      {},
      ...Object.entries(config).map(([key, value]) => flattenConfig(value, prefix === '' ? key : `${prefix}.${key}`)),
    ) as Record<string, string | number | boolean>;
  }
  if (typeof config === 'boolean' || typeof config === 'string' || Number.isFinite(config)) {
    return { [prefix]: config as string | number | boolean };
  }
  return { [prefix]: Array.isArray(config) ? JSON.stringify(config) : String(config) };
}
