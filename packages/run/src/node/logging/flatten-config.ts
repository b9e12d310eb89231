/**
 * A configuration's leaves by dotted path, as hyperparameter tables take them: lists as JSON, null as the word. Numbers
 * that are not finite, and what JSON has not, become words too.
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
