import type { FunctionComponent } from 'preact';
import type { OutputDescription } from '../messages.ts';
import { PathView } from './path.tsx';
import { ActivationsView, BoxesView, HeatMapView, ImageGridView, ImageView } from './pictures.tsx';
import type { OutputProps } from './props.ts';
import { CurvesView, ForecastView, HighlightedWordsView, LabelsView, TextView } from './words.tsx';

type AnyView = FunctionComponent<OutputProps<never>>;

const views: Readonly<Record<string, AnyView>> = {
  labels: LabelsView as AnyView,
  image: ImageView as AnyView,
  imageGrid: ImageGridView as AnyView,
  boxes: BoxesView as AnyView,
  streamedText: TextView as AnyView,
  heatMap: HeatMapView as AnyView,
  forecast: ForecastView as AnyView,
  highlightedWords: HighlightedWordsView as AnyView,
  path: PathView as AnyView,
  activations: ActivationsView as AnyView,
  curves: CurvesView as AnyView,
};

interface ViewProps {
  readonly name: string;
  readonly output: OutputDescription;
  readonly value: unknown;
}

/** View of one result, whatever its kind. */
export function View({ name, output, value }: ViewProps) {
  const Kind = views[output.kind];
  const label = output.label ?? name;
  return (
    <section class={`demo-part demo-output-${output.kind}`} data-output={name}>
      <header>
        <h3>{label}</h3>
      </header>
      {Kind === undefined ? (
        <p class="demo-error">The studio has no view of the kind {output.kind}.</p>
      ) : value === undefined ? (
        <p class="demo-empty">–</p>
      ) : (
        <Kind output={output as never} value={value as never} label={label} />
      )}
    </section>
  );
}
