import { signal } from '@preact/signals';
import type { LaunchRow, StudioEvent } from '../../shared/api.ts';
import { Connection, type ConnectionStatus, type StreamMessage } from './connection.ts';
import { Leader } from './leader.ts';
import { applyRunChanges, loadRuns } from './runs.ts';

/** Whether events come. */
export const connectionStatus = signal<ConnectionStatus>('connecting');
/** Launches that wait or run. */
export const queue = signal<readonly LaunchRow[]>([]);

type MetricsListener = (event: Extract<StudioEvent, { kind: 'metrics' }>) => void;
const listeners = new Map<string, Set<MetricsListener>>();

/** Calls back at each new line of metrics of a run, until the returned function is called. */
export function onMetrics(id: string, listener: MetricsListener): () => void {
  const own = listeners.get(id) ?? new Set();
  own.add(listener);
  listeners.set(id, own);
  return () => {
    own.delete(listener);
    if (own.size === 0) listeners.delete(id);
  };
}

/** Connects this tab to the one stream of its browser. */
export function startStream(): void {
  if (typeof SharedWorker === 'function') {
    const worker = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), {
      type: 'module',
      name: 'motley-stream',
    });
    worker.port.onmessage = ({ data }: MessageEvent<StreamMessage>) => {
      receive(data);
    };
    window.addEventListener('pagehide', () => {
      worker.port.postMessage('bye');
    });
    // A page that comes back from the browser's memory has lost its place among the ports.
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) startStream();
    });
    return;
  }
  const open = (send: (message: StreamMessage) => void) => {
    const connection = new Connection('api/events', send);
    return () => {
      connection.close();
    };
  };
  if (typeof BroadcastChannel !== 'function') {
    open(receive);
    return;
  }
  const leader = new Leader<StreamMessage>('motley-stream', {
    open,
    receive,
    greet: () => ({ kind: 'status', status: connectionStatus.value }),
  });
  window.addEventListener('pagehide', () => {
    leader.close();
  });
}

function receive(message: StreamMessage): void {
  if (message.kind === 'status') {
    const wasLive = connectionStatus.value === 'live';
    connectionStatus.value = message.status;
    // The stream is open before the list is asked for, so that nothing falls between the two.
    if (message.status === 'live' && !wasLive) void loadRuns();
    return;
  }
  const { event } = message;
  if (event.kind === 'runs') applyRunChanges(event);
  else if (event.kind === 'queue') queue.value = event.queue;
  else for (const listener of listeners.get(event.id) ?? []) listener(event);
}
