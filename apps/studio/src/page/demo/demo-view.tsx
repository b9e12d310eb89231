import { useEffect, useMemo, useState } from 'preact/hooks';
import './demo.css';
import { DemoStore } from './demo-store.ts';
import { Control } from './inputs/control.tsx';
import type { BackendWish, DemoDescription, DemoSource } from './messages.ts';
import { View } from './outputs/view.tsx';
import { ErrorLine } from './parts/error-line.tsx';
import { duration } from './parts/numbers.ts';
import { studioSource } from './sources.ts';

interface DemoViewProps {
  /** Of a run of the studio's server. */
  readonly runId: string;
}

/** Demo of a run's network. */
export function DemoView({ runId }: DemoViewProps) {
  return <DemoOf key={runId} find={() => studioSource(runId)} />;
}

interface DemoOfProps {
  readonly find: () => Promise<DemoSource>;
}

/** Demo of the network that is found. */
export function DemoOf({ find }: DemoOfProps) {
  const [wish, setWish] = useState<BackendWish>('auto');
  return <OpenDemo key={wish} find={find} wish={wish} onWish={setWish} />;
}

interface OpenDemoProps extends DemoOfProps {
  readonly wish: BackendWish;
  readonly onWish: (wish: BackendWish) => void;
}

function OpenDemo({ find, wish, onWish }: OpenDemoProps) {
  const store = useMemo(() => new DemoStore(), []);
  useEffect(() => {
    void store.open(find, wish);
    return () => {
      store.close();
    };
  }, []);
  const state = store.state.value;
  switch (state.kind) {
    case 'loading':
      return (
        <div class="demo is-waiting" role="status">
          <p class="demo-loading">Loading {state.what}…</p>
        </div>
      );
    case 'failed':
      return (
        <div class="demo is-waiting">
          <ErrorLine text={state.message} />
        </div>
      );
    case 'ready':
      return <ReadyDemo store={store} demo={state.demo} wish={wish} onWish={onWish} />;
  }
}

interface ReadyDemoProps {
  readonly store: DemoStore;
  readonly demo: DemoDescription;
  readonly wish: BackendWish;
  readonly onWish: (wish: BackendWish) => void;
}

function ReadyDemo({ store, demo, wish, onWish }: ReadyDemoProps) {
  const values = store.values.value;
  const results = store.results.value;
  const error = store.error.value;
  const isRunning = store.isRunning.value;
  return (
    <div class="demo" data-running={isRunning} data-results={Object.keys(results).length > 0}>
      <header class="demo-head">
        <h2>{demo.title}</h2>
        {demo.description !== '' && <p>{demo.description}</p>}
      </header>
      <div class="demo-columns">
        <div class="demo-inputs">
          {Object.entries(demo.inputs).map(([name, input]) => (
            <Control
              key={name}
              name={name}
              input={input}
              value={values[name]}
              onChange={(value) => {
                store.set(name, value);
              }}
              onExample={(index) => {
                store.askForExample(name, index);
              }}
            />
          ))}
          {demo.isStarted && (
            <button
              type="button"
              class="is-main demo-start"
              onClick={() => {
                store.start();
              }}
            >
              {isRunning ? 'Start again' : 'Start'}
            </button>
          )}
          {isRunning && <StopButton store={store} isStarted={demo.isStarted} />}
        </div>
        <div class="demo-outputs" aria-busy={isRunning}>
          <ErrorLine text={error ?? ''} />
          {Object.entries(demo.outputs).map(([name, output]) => (
            <View key={name} name={name} output={output} value={results[name]} />
          ))}
        </div>
      </div>
      <Facts store={store} demo={demo} wish={wish} onWish={onWish} />
    </div>
  );
}

/** Runs shorter than this show no button to stop them: it would only flicker. */
const LONG_IN_MS = 400;

function StopButton({ store, isStarted }: { readonly store: DemoStore; readonly isStarted: boolean }) {
  const [isShown, setShown] = useState(isStarted);
  useEffect(() => {
    const timer = setTimeout(() => {
      setShown(true);
    }, LONG_IN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  if (!isShown) return null;
  return (
    <button
      type="button"
      class="demo-start"
      onClick={() => {
        store.stop();
      }}
    >
      Stop
    </button>
  );
}

function Facts({ store, demo, wish, onWish }: ReadyDemoProps) {
  const { backend, parameters } = demo;
  const milliseconds = store.milliseconds.value;
  const first = store.firstResultInMs.value;
  return (
    <footer class="demo-facts">
      <span data-fact="backend">{backend.title}</span>
      {milliseconds !== undefined && <span data-fact="time">{duration(milliseconds)} a run</span>}
      <span data-fact="parameters">{parameters.toLocaleString('en-US')} parameters</span>
      {first !== undefined && <span data-fact="first">first result after {duration(first)}</span>}
      <span class="demo-facts-end">
        {(backend.name === 'webgpu' || wish === 'wasm') && (
          <button
            type="button"
            onClick={() => {
              onWish(wish === 'auto' ? 'wasm' : 'auto');
            }}
          >
            {wish === 'auto' ? 'Use WebAssembly' : 'Use WebGPU where there is one'}
          </button>
        )}
        <button
          type="button"
          data-action="save"
          onClick={() => {
            save(store);
          }}
        >
          Save numbers
        </button>
      </span>
    </footer>
  );
}

/** Saves inputs and outputs as a file. */
function save(store: DemoStore): void {
  const address = URL.createObjectURL(new Blob([store.toJson()], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = 'demo.json';
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 1000);
}
