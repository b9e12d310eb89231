import { demos } from 'virtual:demos';
import type { DemoSource, BackendWish, FromWorker, ToWorker } from './messages.ts';
import { startBackend } from './worker/backend.ts';
import { type AnyDemo, lineOf, Session } from './worker/session.ts';

/** The worker of a demo: all that computes, so that the page stays responsive. */
const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: ToWorker }) => void;
  postMessage(message: FromWorker): void;
};

const post = (message: FromWorker): void => {
  scope.postMessage(message);
};

let session: Session | undefined;

async function load(source: DemoSource, wish: BackendWish): Promise<void> {
  try {
    const open = demos[source.system];
    if (open === undefined) throw new Error(`${source.system}: expected a system with a demo`);
    post({ kind: 'loading', what: 'backend' });
    const backend = await startBackend(wish);
    const demo = (await open()).default as AnyDemo;
    session = await Session.open(demo, source, backend, post);
    post({ kind: 'ready', demo: session.description });
  } catch (error) {
    post({ kind: 'failed', stage: 'load', message: lineOf(error) });
  }
}

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case 'load':
      void load(data.source, data.backend);
      break;
    case 'run':
      session?.order(data);
      break;
    case 'stop':
      session?.stop();
      break;
    case 'example':
      void session?.example(data.input, data.index);
  }
};
