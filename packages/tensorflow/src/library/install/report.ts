import type { SingleBar } from 'cli-progress';
import { formatBytes } from './disk.ts';
import type { InstallEvent, InstallListener } from './events.ts';

/** Shows an install's events as progress bars on a terminal, else as plain lines. */
export async function reportInstall(
  stream: NodeJS.WriteStream = process.stderr,
): Promise<{ listener: InstallListener; stop: () => void }> {
  const report = stream.isTTY ? barReport(stream, (await import('cli-progress')).default) : lineReport(stream);
  const listener: InstallListener = (event) => {
    if (event.kind === 'progress') report.progress(event);
    else {
      report.stop();
      stream.write(`${event.text}\n`);
    }
  };
  return { listener, stop: report.stop };
}

type Progress = Extract<InstallEvent, { kind: 'progress' }>;

function barReport(stream: NodeJS.WriteStream, cliProgress: typeof import('cli-progress')) {
  let bar: SingleBar | undefined;
  let phase: string | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  const progress = (event: Progress) => {
    if (event.totalBytes === undefined) return;
    if (!bar || phase !== event.phase) {
      stop();
      phase = event.phase;
      bar = new cliProgress.SingleBar(
        {
          stream,
          hideCursor: true,
          format: (options, parameters) => {
            const share = Math.min(1, parameters.value / parameters.total);
            const sizes = `${formatBytes(parameters.value)} of ${formatBytes(parameters.total)}`;
            return `${event.phase.padEnd(8)} ${cliProgress.Format.BarFormat(share, options)} ${sizes}`;
          },
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(event.totalBytes, event.doneBytes);
    }
    bar.setTotal(event.totalBytes);
    bar.update(event.doneBytes);
  };
  return { progress, stop };
}

/** Writes a line at each quarter. */
function lineReport(stream: NodeJS.WritableStream) {
  let last = '';
  const progress = ({ phase, doneBytes, totalBytes }: Progress) => {
    if (totalBytes === undefined) return;
    const quarter = Math.floor((4 * doneBytes) / totalBytes);
    const key = `${phase} ${quarter}`;
    if (quarter === 0 || key === last) return;
    last = key;
    stream.write(`${phase} ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}\n`);
  };
  return { progress, stop: () => undefined };
}
