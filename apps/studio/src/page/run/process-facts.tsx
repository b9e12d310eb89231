import { useEffect, useState } from 'preact/hooks';
import type { MachineInfo, ProcessInfo } from '../../shared/api.ts';
import { formatBytes, formatNumber } from '../parts/format.ts';
import { server } from '../state/requests.ts';

const PAUSE_IN_MS = 3000;

/** Load and memory of a run that lives, and of its machine; asked for while the page is seen. */
export function ProcessFacts({ id }: { readonly id: string }) {
  const [found, setFound] = useState<{ readonly own: ProcessInfo; readonly machine: MachineInfo } | undefined>();
  useEffect(() => {
    const ask = (): void => {
      if (document.hidden) return;
      Promise.all([server.process(id), server.machine()]).then(
        ([own, machine]) => {
          setFound({ own, machine });
        },
        () => {
          setFound(undefined);
        },
      );
    };
    ask();
    const timer = setInterval(ask, PAUSE_IN_MS);
    return () => {
      clearInterval(timer);
    };
  }, [id]);
  if (found === undefined) return null;
  const { own, machine } = found;
  return (
    <>
      {own.memoryBytes !== null && (
        <div>
          <dt>Process {own.processId}</dt>
          <dd>
            {own.cores === null ? '' : `${formatNumber(Number(own.cores.toFixed(2)))} cores, `}
            {formatBytes(own.memoryBytes)}
          </dd>
        </div>
      )}
      <div>
        <dt>Machine</dt>
        <dd>
          load {formatNumber(Number(machine.load.toFixed(1)))} of {machine.cores}, {formatBytes(machine.usedBytes)} of{' '}
          {formatBytes(machine.totalBytes)}
        </dd>
      </div>
    </>
  );
}
