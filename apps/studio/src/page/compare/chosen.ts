import { computed } from '@preact/signals';
import type { RunRow } from '../../shared/api.ts';
import { assignSlots, type SeriesStyle, styleOfSlot } from '../charts/series.ts';
import { splitList, textOf } from '../state/address.ts';
import { runsById, systems } from '../state/runs.ts';
import { differingFields, type FieldValue, fieldOf } from '../table/fields.ts';

const KEY = 'motley-slots';
const MOST_KEPT = 2000;

function readSlots(): Map<string, number> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(stored)) return new Map();
    return new Map(
      stored.filter(
        (entry): entry is [string, number] =>
          Array.isArray(entry) && typeof entry[0] === 'string' && Number.isInteger(entry[1]) && entry[1] >= 0,
      ),
    );
  } catch {
    return new Map();
  }
}

const slots = readSlots();

/** Looks of runs: a run keeps the one it had, in this browser. */
export function stylesOf(ids: readonly string[]): SeriesStyle[] {
  const before = slots.size;
  const own = assignSlots(ids, slots);
  if (slots.size !== before)
    try {
      localStorage.setItem(KEY, JSON.stringify([...slots].slice(-MOST_KEPT)));
    } catch {
      // A browser that keeps nothing gives the looks anew.
    }
  return own.map(styleOfSlot);
}

/** Part of the address alone, so that a zoom changes nothing of what follows from the runs. */
const runsText = computed(() => textOf('runs'));

/** Ids of the compared runs. */
export const comparedIds = computed<readonly string[]>(() => splitList(runsText.value));

/** Runs that are compared, in the order of the address. */
export const comparedRuns = computed<readonly RunRow[]>(() =>
  comparedIds.value.flatMap((id) => runsById.value?.get(id) ?? []),
);

/** Ids of the address that no run has. */
export const missingRuns = computed(() =>
  runsById.value === undefined ? [] : comparedIds.value.filter((id) => !runsById.value!.has(id)),
);

const systemsByName = computed(() => new Map(systems.value.map((system) => [system.name, system])));

/** Fields in which the compared runs differ, with their values in the runs' order. */
export const differingColumns = computed(() => {
  const rows = comparedRuns.value;
  const names = ['system', 'preset', 'device', ...differingFields(rows)];
  return names
    .map((field) => ({ field, values: rows.map((row) => fieldOf(row, field, systemsByName.value)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
});

export function valueOf(row: RunRow, name: string): FieldValue {
  return fieldOf(row, name, systemsByName.value);
}

/** Whether lower values of a metric are better: as an objective says, else by what its name is a measure of. */
export function isLowBetter(metric: string, rows: readonly RunRow[]): boolean {
  for (const { objective } of rows) if (objective?.name === metric) return objective.isLowBetter;
  const name = metric.slice(metric.indexOf('/') + 1);
  return /loss|error|perplexity|deviance|distance|rate|mae|mse|rmse|mape|divergence|bits|brier/i.test(name);
}
