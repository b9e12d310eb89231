/** A request that is refused, with one line for the user. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 400 | 403 | 404 | 409 | 413 | 415 | 429 | 503;

  constructor(status: Refused['status'], message: string) {
    super(message);
    this.status = status;
  }
}
