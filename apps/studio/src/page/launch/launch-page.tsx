import { useEffect, useState } from 'preact/hooks';
import type { SystemInfo } from '../../shared/api.ts';
import { Command, Segmented, Select, Toggle } from '../parts/controls.tsx';
import { address, goTo, setQuery } from '../state/address.ts';
import { say } from '../state/notices.ts';
import { lineOf, server } from '../state/requests.ts';
import { canLaunch, loadSystems, studio, systems } from '../state/runs.ts';
import { FieldGroups } from './fields-form.tsx';
import { checkForm, COMMANDS, COUNTS, readForm } from './form-state.ts';
import { Queue } from './queue.tsx';

const DRY_PAUSE_IN_MS = 250;

/** A new run, sweep or study: the form that the system's configuration makes, the command it will run, the queue. */
export function LaunchPage() {
  useEffect(() => {
    if (systems.value.length === 0) void loadSystems();
  }, []);
  const form = readForm(address.value);
  const system = systems.value.find(({ name }) => name === form.system) ?? systems.value[0];
  return (
    <div class="launch-page">
      <h1>Launch</h1>
      {studio.value !== undefined && !canLaunch.value && (
        <p class="warning">
          {studio.value.isReadOnly
            ? 'This studio is read-only: the form shows commands for a terminal.'
            : 'This studio cannot launch here: the form shows commands for a terminal.'}
        </p>
      )}
      {system === undefined ? <p class="loading">Reading the systems …</p> : <Form key={system.name} system={system} />}
      <Queue />
    </div>
  );
}

function Form({ system }: { readonly system: SystemInfo }) {
  const form = readForm(address.value);
  const { request, errors } = checkForm(form, system);
  const [answer, setAnswer] = useState<{ readonly command?: string; readonly error?: string }>({});
  const wrong = Object.keys(errors).length;
  const body = JSON.stringify(request);
  useEffect(() => {
    if (wrong > 0) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      server.commandOf(request).then(
        (command) => {
          if (isCurrent) setAnswer({ command });
        },
        (error: unknown) => {
          if (isCurrent) setAnswer({ error: lineOf(error) });
        },
      );
    }, DRY_PAUSE_IN_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [body, wrong]);
  const launch = (): void => {
    server.launch(request).then(
      (row) => {
        say(row.status === 'running' ? 'It runs.' : 'It is in the queue.');
      },
      (error: unknown) => {
        say(lineOf(error), 'bad');
      },
    );
  };
  const commands = COMMANDS.filter((command) => command !== 'study' || system.studies.length > 0);
  return (
    <form
      class="launch-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong === 0 && canLaunch.value) launch();
      }}
    >
      <div class="toolbar">
        <Select
          label="System"
          choices={systems.value.map(({ name }) => name)}
          value={system.name}
          onChange={(name) => {
            goTo(['launch'], { system: name });
          }}
        />
        <Segmented
          label="Command"
          choices={commands}
          value={form.command}
          onChange={(command) => {
            setQuery({ command: command === 'train' ? null : command });
          }}
        />
        <Select
          label="Preset"
          choices={['', ...system.presets]}
          value={form.preset}
          names={{ '': 'none: the defaults' }}
          onChange={(preset) => {
            setQuery({ preset });
          }}
        />
        {form.command === 'study' && (
          <Select
            label="Study"
            choices={['', ...system.studies]}
            value={form.study}
            names={{ '': 'choose …' }}
            onChange={(study) => {
              setQuery({ study });
            }}
          />
        )}
      </div>
      <p class="muted">{system.description}</p>
      <div class="toolbar">
        {COUNTS[form.command].map(({ key, label, usual }) => (
          <label key={key} class="field">
            <span>{label}</span>
            <input
              size={14}
              inputMode="numeric"
              aria-invalid={errors[key] !== undefined}
              placeholder={usual}
              value={form.counts[key]}
              onInput={({ currentTarget }) => {
                setQuery({ [key]: currentTarget.value });
              }}
            />
          </label>
        ))}
        <Toggle
          label="Fast: a small trial"
          isOn={form.isFast}
          onChange={(isOn) => {
            setQuery({ fast: isOn ? '1' : null });
          }}
        />
      </div>
      {form.command === 'sweep' && (
        <p class="hint">
          In a sweep a field may hold several values: <code>a,b,c</code> tries each, <code>low..high</code> and{' '}
          <code>log:low..high</code> draw at random.
        </p>
      )}
      <FieldGroups system={system} form={form} errors={errors} />
      <div class="launch-foot">
        {wrong > 0 ? (
          <p class="warning" role="alert">
            {Object.entries(errors)
              .map(([path, error]) => `${path}: ${error}`)
              .join('; ')}
          </p>
        ) : answer.error !== undefined ? (
          <p class="warning" role="alert">
            {answer.error}
          </p>
        ) : (
          answer.command !== undefined && <Command text={answer.command} label="Command that will run" />
        )}
        <button type="submit" class="primary" disabled={wrong > 0 || answer.error !== undefined || !canLaunch.value}>
          {form.command === 'train' ? 'Train' : form.command === 'sweep' ? 'Start the sweep' : 'Start the study'}
        </button>
      </div>
    </form>
  );
}
