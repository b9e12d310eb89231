import type { RunRow, StudioEvent } from '../shared/api.ts';

/** Removals that a late page is told of one by one. */
const MAX_REMOVED = 1000;

/** Events for all pages that listen. */
export class EventHub {
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  readonly #versions = new Map<string, number>();
  #removed: { readonly id: string; readonly version: number }[] = [];
  /** Versions of this start are above those of all earlier ones. */
  readonly #first = Date.now();
  #floor = this.#first;
  #version = this.#first;

  get version(): number {
    return this.#version;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns a function that ends it */
  listen(listener: (event: StudioEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  rows(changed: readonly RunRow[], removed: readonly string[]): void {
    const version = ++this.#version;
    for (const { id } of changed) this.#versions.set(id, version);
    for (const id of removed) {
      this.#versions.delete(id);
      this.#removed.push({ id, version });
    }
    if (this.#removed.length > MAX_REMOVED) {
      const dropped = this.#removed.splice(0, this.#removed.length - MAX_REMOVED);
      this.#floor = dropped.at(-1)!.version;
    }
    this.send({ kind: 'runs', version, changed, removed });
  }

  send(event: StudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * Event with all that a page has missed since a version. All rows, where the version is of another start or too old.
   * @returns undefined where it has missed nothing
   */
  since(version: number, rows: readonly RunRow[]): StudioEvent | undefined {
    const isKnown = version >= this.#floor && version <= this.#version;
    if (!isKnown) return { kind: 'runs', version: this.#version, changed: rows, removed: [], isWhole: true };
    if (version === this.#version) return undefined;
    return {
      kind: 'runs',
      version: this.#version,
      changed: rows.filter(({ id }) => (this.#versions.get(id) ?? 0) > version),
      removed: this.#removed.flatMap((each) => (each.version > version ? [each.id] : [])),
    };
  }
}
