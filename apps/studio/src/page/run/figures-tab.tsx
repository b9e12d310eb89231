import type { FigureInfo } from '../../shared/api.ts';
import { InView } from '../parts/controls.tsx';
import { setQuery, textOf } from '../state/address.ts';
import type { RunDetailProps } from './run-page.tsx';

const FIGURE_IN_PIXELS = 240;

/** Figures of a run, with one slider through the steps of the training for all of them. */
export function FiguresTab({ detail: { figures } }: RunDetailProps) {
  if (figures.length === 0)
    return (
      <div class="empty">
        <h2>No figures yet</h2>
        <p>"Draw figures" above makes those of a trained network.</p>
      </div>
    );
  const steps = [...new Set(figures.flatMap((figure) => figure.steps))].sort((a, b) => a - b);
  const wanted = textOf('step');
  const step = wanted === '' ? steps.at(-1) : nearestStep(steps, Number(wanted));
  return (
    <>
      {steps.length > 1 && step !== undefined && (
        <label class="field slider wide">
          <span>
            Step <b>{step}</b>
          </span>
          <input
            type="range"
            min="0"
            max={steps.length - 1}
            step="1"
            value={steps.indexOf(step)}
            aria-valuetext={`step ${step}`}
            onInput={({ currentTarget }) => {
              setQuery({ step: String(steps[Number(currentTarget.value)]) });
            }}
          />
        </label>
      )}
      <div class="figures">
        {figures.map((figure) => (
          <InView key={figure.name} height={FIGURE_IN_PIXELS}>
            <Figure figure={figure} step={step} />
          </InView>
        ))}
      </div>
    </>
  );
}

function Figure({ figure, step }: { readonly figure: FigureInfo; readonly step: number | undefined }) {
  const own = step === undefined ? undefined : nearestStep(figure.steps, step);
  const href = figure.href.replace('{step}', String(own ?? ''));
  const name = own === undefined ? figure.name : `${figure.name}, step ${own}`;
  return (
    <figure class="figure">
      <a href={href} target="_blank" rel="noreferrer">
        <img src={href} alt={name} loading="lazy" />
      </a>
      <figcaption>{name}</figcaption>
    </figure>
  );
}

/** The last step up to the wanted one, or the first. */
export function nearestStep(steps: readonly number[], wanted: number): number | undefined {
  return steps.filter((step) => step <= wanted).at(-1) ?? steps[0];
}
