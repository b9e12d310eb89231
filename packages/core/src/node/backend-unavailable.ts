/** A backend that cannot be used here; the message says why. */
export class UnavailableError extends Error {}
