/**
 * Reader of server-sent events (HTML Living Standard, section 9.2.6): takes text as it comes, cut anywhere, and gives the
 * data of each whole event. Comments, which keep a connection open, are dropped.
 */
export class EventLines {
  #rest = '';
  #data: string[] = [];

  push(text: string): string[] {
    const events: string[] = [];
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, end).replace(/\r$/, '');
      this.#rest = this.#rest.slice(end + 1);
      if (line === '') {
        if (this.#data.length > 0) events.push(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
    return events;
  }
}
