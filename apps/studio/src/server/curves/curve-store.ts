import type { ColumnsCache } from './columns-cache.ts';
import type { Axis } from './columns.ts';
import { CurveView } from './curve-view.ts';
import { MetricsFile, type CurveSource } from './metrics-file.ts';

/** Columns and views that stay in memory for runs that nobody looks at any more. */
const MAX_BYTES = 200 * 2 ** 20;
/** Logs from this size on keep their columns on the disk. */
const KEPT_FROM_BYTES = 2 ** 20;

/** Curves of one run in memory. */
export interface LoadedCurves {
  readonly source: CurveSource;
  /** Views by axis and name. */
  readonly views: Map<string, CurveView>;
}

interface Entry extends LoadedCurves {
  following: Promise<'nothing' | 'more' | 'anew'> | undefined;
  keptAt: number;
}

/** Curves of the runs that are shown or that grow. */
export class CurveStore {
  readonly #cache: ColumnsCache;
  readonly #entries = new Map<string, Promise<Entry>>();
  readonly #maxBytes: number;

  constructor(cache: ColumnsCache, maxBytes = MAX_BYTES) {
    this.#cache = cache;
    this.#maxBytes = maxBytes;
  }

  /** Whether the curves of a path are in memory. */
  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /**
   * Curves of a run as they are on the disk now.
   * @param path of `metrics.jsonl`, or that of another source
   */
  async load(
    path: string,
    make?: () => CurveSource,
  ): Promise<LoadedCurves & { readonly growth: 'nothing' | 'more' | 'anew' }> {
    const loading = this.#entries.get(path) ?? this.#make(path, make);
    // The latest used is the last of the map.
    this.#entries.delete(path);
    this.#entries.set(path, loading);
    try {
      const entry = await loading;
      entry.following ??= entry.source.follow().finally(() => {
        entry.following = undefined;
      });
      const growth = await entry.following;
      if (growth === 'anew') entry.views.clear();
      await this.#keep(path, entry);
      await this.#trim(path);
      return { source: entry.source, views: entry.views, growth };
    } catch (error) {
      this.#entries.delete(path);
      throw error;
    }
  }

  forget(path: string): void {
    this.#entries.delete(path);
  }

  async #make(path: string, make?: () => CurveSource): Promise<Entry> {
    const views = new Map<string, CurveView>();
    if (make !== undefined) return { source: make(), views, following: undefined, keptAt: Infinity };
    const kept = await this.#cache.load(path);
    return { source: new MetricsFile(path, kept), views, following: undefined, keptAt: kept?.position.offset ?? 0 };
  }

  /** Keeps the columns of a long log when it has grown by a quarter. */
  async #keep(path: string, entry: Entry): Promise<void> {
    const { source } = entry;
    if (!(source instanceof MetricsFile)) return;
    const { offset } = source.position;
    if (offset < entry.keptAt) entry.keptAt = 0;
    if (offset < KEPT_FROM_BYTES || offset < 1.25 * entry.keptAt) return;
    entry.keptAt = offset;
    await this.#cache.save(path, { position: source.position, columns: source.columns });
  }

  async #trim(latest: string): Promise<void> {
    let sum = 0;
    for (const [path, loading] of [...this.#entries].reverse()) {
      const { source, views } = await loading.catch(() => ({ source: undefined, views: new Map<string, CurveView>() }));
      sum += source?.columns.bytes ?? 0;
      for (const view of views.values()) sum += view.bytes;
      if (sum > this.#maxBytes && path !== latest) this.#entries.delete(path);
    }
  }
}

/** View of a curve over an axis, made or extended where the curve has grown. Undefined where there is no such curve. */
export function viewOf({ source, views }: LoadedCurves, name: string, axis: Axis): CurveView | undefined {
  const curve = source.columns.curves.get(name);
  if (curve === undefined) return undefined;
  const key = `${axis}:${name}`;
  const before = views.get(key);
  if (before?.length === curve.values.length) return before;
  const view = new CurveView(source.columns, curve, axis, before);
  views.set(key, view);
  return view;
}
