import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Tabs } from '../parts/controls.tsx';
import { address, choiceOf, hrefOf, setQuery } from '../state/address.ts';
import { lineOf } from '../state/requests.ts';
import { runsById } from '../state/runs.ts';
import { CheckpointsTab } from './checkpoints-tab.tsx';
import { ConfigTab } from './config-tab.tsx';
import { CurvesTab } from './curves-tab.tsx';
import { FiguresTab } from './figures-tab.tsx';
import { RunHead } from './run-head.tsx';
import { useRun } from './use-run.ts';

const TABS = ['curves', 'figures', 'configuration', 'checkpoints', 'try'] as const;
type Tab = (typeof TABS)[number];

/** One run: its curves, figures, configuration and checkpoints, and its network to try. */
export function RunPage() {
  const id = address.value.path[1] ?? '';
  const { detail, error } = useRun(id);
  const tab = choiceOf('tab', TABS);
  if (detail === undefined)
    return error === undefined ? (
      <p class="loading">Reading the run …</p>
    ) : (
      <div class="empty">
        <h1>No run {id}</h1>
        <p>{error}</p>
        <a href={hrefOf([])}>All runs</a>
      </div>
    );
  // The row of the list is the newer one: the stream changes it.
  const row = runsById.value?.get(id) ?? detail.row;
  const shown: RunDetailProps['detail'] = { ...detail, row };
  const titles: Record<Tab, string> = {
    curves: `Curves (${detail.curves.length})`,
    figures: `Figures (${detail.figures.length})`,
    configuration: 'Configuration',
    checkpoints: `Checkpoints (${detail.checkpoints.length})`,
    try: 'Try it',
  };
  const names = TABS.filter((name) => name !== 'try' || detail.hasDemo);
  const isGone = runsById.value !== undefined && !runsById.value.has(id);
  return (
    <div class="run-page">
      {(isGone || error !== undefined) && (
        <p class="warning" role="alert">
          {isGone ? 'The folder of this run is gone: what was read of it is still shown.' : error}
        </p>
      )}
      <RunHead detail={shown} />
      <Tabs
        label="Parts of the run"
        names={names}
        value={names.includes(tab) ? tab : 'curves'}
        titles={titles}
        onChange={(name) => {
          setQuery({ tab: name === 'curves' ? null : name });
        }}
      >
        {tab === 'figures' ? (
          <FiguresTab detail={shown} />
        ) : tab === 'configuration' ? (
          <ConfigTab detail={shown} />
        ) : tab === 'checkpoints' ? (
          <CheckpointsTab detail={shown} />
        ) : tab === 'try' && detail.hasDemo ? (
          <Demo runId={id} />
        ) : (
          <CurvesTab detail={shown} />
        )}
      </Tabs>
    </div>
  );
}

export interface RunDetailProps {
  readonly detail: NonNullable<ReturnType<typeof useRun>['detail']>;
}

/** The demo, with everything that it needs, is loaded when it is wanted. */
function Demo({ runId }: { readonly runId: string }) {
  const [loaded, setLoaded] = useState<{ View?: ComponentType<{ runId: string }>; error?: string }>({});
  useEffect(() => {
    import('../demo/demo-view.tsx').then(
      ({ DemoView }) => {
        setLoaded({ View: DemoView });
      },
      (error: unknown) => {
        setLoaded({ error: lineOf(error) });
      },
    );
  }, []);
  const { View, error } = loaded;
  if (error !== undefined) return <p class="warning">{error}</p>;
  return View === undefined ? <p class="loading">Loading the demo …</p> : <View runId={runId} />;
}
