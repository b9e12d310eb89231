import { useId } from 'preact/hooks';
import type { ConfigField, SystemInfo } from '../../shared/api.ts';
import { SearchField, Toggle } from '../parts/controls.tsx';
import { formatValue } from '../parts/format.ts';
import { flagOf, setQuery, textOf } from '../state/address.ts';
import { type Form, keyOf, textOfValue, usualValue } from './form-state.ts';

interface GroupsProps {
  readonly system: SystemInfo;
  readonly form: Form;
  readonly errors: Readonly<Record<string, string>>;
}

/** Fields by their section of the configuration; `training` is open, others where something differs. */
export function FieldGroups({ system, form, errors }: GroupsProps) {
  const search = textOf('field').toLowerCase();
  const isChangedAlone = flagOf('changed');
  const groups = new Map<string, ConfigField[]>();
  for (const field of system.fields) {
    const isChanged = Object.hasOwn(form.texts, field.path);
    if (isChangedAlone && !isChanged) continue;
    if (!`${field.path} ${field.description}`.toLowerCase().includes(search)) continue;
    const cut = field.path.lastIndexOf('.');
    const name = cut < 0 ? 'general' : field.path.slice(0, cut);
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [field]);
    else own.push(field);
  }
  return (
    <>
      <div class="toolbar">
        <SearchField label="Field" placeholder="All fields" name="field" />
        <Toggle
          label={`Only changed (${Object.keys(form.texts).length})`}
          isOn={isChangedAlone}
          onChange={(isOn) => {
            setQuery({ changed: isOn ? '1' : null });
          }}
        />
        {Object.keys(form.texts).length > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setQuery(Object.fromEntries(Object.keys(form.texts).map((path) => [keyOf(path), null])));
            }}
          >
            Reset all
          </button>
        )}
      </div>
      {[...groups].map(([name, fields]) => {
        const changed = fields.filter(({ path }) => Object.hasOwn(form.texts, path)).length;
        return (
          <details key={name} class="group" open={name === 'training' || changed > 0 || search !== ''}>
            <summary>
              <code>{name}</code>{' '}
              <span class="muted">{changed === 0 ? fields.length : `${fields.length}, ${changed} changed`}</span>
            </summary>
            <div class="fields">
              {fields.map((field) => (
                <Field
                  key={field.path}
                  field={field}
                  preset={form.preset}
                  text={form.texts[field.path]}
                  error={errors[field.path]}
                  isSweep={form.command === 'sweep'}
                />
              ))}
            </div>
          </details>
        );
      })}
    </>
  );
}

interface FieldProps {
  readonly field: ConfigField;
  readonly preset: string;
  readonly text: string | undefined;
  readonly error: string | undefined;
  readonly isSweep: boolean;
}

function Field({ field, preset, text, error, isSweep }: FieldProps) {
  const id = useId();
  const usual = usualValue(field, preset);
  const { path, description } = field;
  const isChanged = text !== undefined;
  const set = (next: string): void => {
    setQuery({ [keyOf(path)]: next === textOfValue(usual) ? null : next });
  };
  return (
    <div class="setting" data-changed={isChanged}>
      <label for={id}>{path.slice(path.lastIndexOf('.') + 1)}</label>
      <Control
        id={id}
        field={field}
        text={text ?? textOfValue(usual)}
        isInvalid={error !== undefined}
        isSweep={isSweep}
        onChange={set}
      />
      <p id={`${id}-hint`} class="setting-hint">
        {error !== undefined && <b class="bad">{error}. </b>}
        {limitsOf(field)}
        {description}
        {isChanged && (
          <>
            {' '}
            <button
              type="button"
              class="quiet small"
              aria-label={`back to ${formatValue(usual)}: ${path}`}
              onClick={() => {
                setQuery({ [keyOf(path)]: null });
              }}
            >
              back to {formatValue(usual)}
            </button>
          </>
        )}
      </p>
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: ConfigField;
  readonly text: string;
  readonly isInvalid: boolean;
  readonly isSweep: boolean;
  readonly onChange: (text: string) => void;
}

function Control({ id, field, text, isInvalid, isSweep, onChange }: ControlProps) {
  const choices = field.type === 'boolean' ? ['true', 'false'] : field.type === 'choice' ? field.choices : undefined;
  const described = { id, 'aria-describedby': `${id}-hint`, 'aria-invalid': isInvalid } as const;
  if (choices !== undefined && !isSweep)
    return (
      <select
        {...described}
        value={text}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === text}>
            {choice}
          </option>
        ))}
      </select>
    );
  return (
    <input
      {...described}
      inputMode={!isSweep && (field.type === 'number' || field.type === 'integer') ? 'decimal' : 'text'}
      spellcheck={false}
      autocomplete="off"
      value={text}
      onInput={({ currentTarget }) => {
        onChange(currentTarget.value);
      }}
    />
  );
}

function limitsOf({ min, max }: ConfigField): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}: `;
  if (min !== undefined) return `≥ ${min}: `;
  return max === undefined ? '' : `≤ ${max}: `;
}
