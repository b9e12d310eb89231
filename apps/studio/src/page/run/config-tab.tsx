import { SearchField, Toggle } from '../parts/controls.tsx';
import { formatValue } from '../parts/format.ts';
import { flagOf, setQuery, textOf } from '../state/address.ts';
import type { RunDetailProps } from './run-page.tsx';

/** Configuration of a run: every field with its reason, and what differs from the preset or the default. */
export function ConfigTab({ detail }: RunDetailProps) {
  const { fields, row, config } = detail;
  if (fields.length === 0)
    return config === null || config === undefined ? (
      <p class="muted">This run has no configuration.</p>
    ) : (
      <pre tabIndex={0} class="json">
        {JSON.stringify(config, null, 2)}
      </pre>
    );
  const isDifferingAlone = flagOf('differing');
  const search = textOf('field').toLowerCase();
  const shown = fields.filter(
    ({ path, description }) =>
      (!isDifferingAlone || Object.hasOwn(row.differs, path)) &&
      `${path} ${description}`.toLowerCase().includes(search),
  );
  return (
    <>
      <div class="toolbar">
        <SearchField label="Field" placeholder="All fields" name="field" />
        <Toggle
          label={`Only what differs from ${row.preset ?? 'the defaults'} (${Object.keys(row.differs).length})`}
          isOn={isDifferingAlone}
          onChange={(isOn) => {
            setQuery({ differing: isOn ? '1' : null });
          }}
        />
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Configuration">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Default</th>
              <th scope="col">Why the default</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, value, default: usual, description }) => {
              const isDifferent = Object.hasOwn(row.differs, path);
              return (
                <tr key={path} data-differs={isDifferent}>
                  <th scope="row">
                    <code>{path}</code>
                  </th>
                  <td>
                    {isDifferent && <span class="hidden">differs: </span>}
                    <code>{formatValue(value)}</code>
                  </td>
                  <td>
                    <code>{formatValue(usual)}</code>
                  </td>
                  <td>{description}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="muted">No field is like that.</p>}
    </>
  );
}
