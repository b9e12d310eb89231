import type { RunStatus } from '../../shared/api.ts';

const STATUSES: Readonly<Record<RunStatus, { readonly glyph: string; readonly hint: string }>> = {
  queued: { glyph: '◌', hint: 'waits for its turn' },
  running: { glyph: '▶', hint: 'its process lives, and writes' },
  stalled: { glyph: '‖', hint: 'its process lives, and has not written for a minute' },
  killed: { glyph: '✕', hint: 'its process is gone, and left no summary' },
  stopped: { glyph: '■', hint: 'was interrupted, after a checkpoint' },
  failed: { glyph: '!', hint: 'ended with an error' },
  completed: { glyph: '✓', hint: 'has done all its steps' },
  unknown: { glyph: '?', hint: 'of another machine or program' },
};

/** State of a run in a word, with a sign of its own beside the color. */
export function Status({ status }: { readonly status: RunStatus }) {
  const { glyph, hint } = STATUSES[status];
  return (
    <span class="status" data-status={status} title={hint}>
      <span class="status-glyph" aria-hidden="true">
        {glyph}
      </span>
      {status}
    </span>
  );
}
