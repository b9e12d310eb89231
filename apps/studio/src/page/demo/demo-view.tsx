/** The network of a run, to try. */
export function DemoView({ runId }: { readonly runId: string }) {
  return <p>The demo of {runId} comes here.</p>;
}
