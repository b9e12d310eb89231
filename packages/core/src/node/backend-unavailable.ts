/** Thrown if a backend cannot be used on this machine. The message says why. */
export class UnavailableError extends Error {}
