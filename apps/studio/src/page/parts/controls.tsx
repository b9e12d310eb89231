import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { setQuery, textOf } from '../state/address.ts';
import { say } from '../state/notices.ts';
import { Icon } from './icons.tsx';

interface ChoiceProps<Choice extends string> {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: Choice;
  readonly onChange: (choice: Choice) => void;
  readonly names?: Readonly<Partial<Record<Choice, string>>>;
}

/** One of a few choices, side by side. */
export function Segmented<Choice extends string>({ label, choices, value, onChange, names }: ChoiceProps<Choice>) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend>{label}</legend>
      <div>
        {choices.map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name={name}
              checked={choice === value}
              onChange={() => {
                onChange(choice);
              }}
            />
            <span>{names?.[choice] ?? choice}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One of many choices. */
export function Select<Choice extends string>({ label, choices, value, onChange, names }: ChoiceProps<Choice>) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value as Choice);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === value}>
            {names?.[choice] ?? choice}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder: string;
  /** Key of the address that holds the text. */
  readonly name: string;
}

/** Text to look for, kept in the address. */
export function SearchField({ label, placeholder, name }: SearchFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        placeholder={placeholder}
        value={textOf(name)}
        onInput={({ currentTarget }) => {
          setQuery({ [name]: currentTarget.value });
        }}
      />
    </label>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Toggle({ label, isOn, onChange }: ToggleProps) {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.checked);
        }}
      />
      <span>{label}</span>
    </label>
  );
}

/** A command as text, with a button that copies it. */
export function Command({ text, label }: { readonly text: string; readonly label: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        say('Copied.');
      },
      () => {
        say('This browser does not let the page copy: mark the text instead.', 'bad');
      },
    );
  };
  return (
    <div class="command">
      <code tabIndex={0} role="group" aria-label={label}>
        {text}
      </code>
      <button type="button" class="icon" aria-label={`Copy: ${label}`} title="Copy" onClick={copy}>
        <Icon name="copy" />
      </button>
    </div>
  );
}

interface AskProps {
  readonly title: string;
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly children: ComponentChildren;
  readonly onDone: (isAgreed: boolean) => void;
}

/** A question before something that is not easily undone. */
export function Ask({ title, action, isDangerous = false, children, onDone }: AskProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current!.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={() => {
        onDone(false);
      }}
    >
      <h2 id={id}>{title}</h2>
      <p>{children}</p>
      <div class="dialog-buttons">
        <button
          type="button"
          onClick={() => {
            onDone(false);
          }}
        >
          Keep
        </button>
        <button
          type="button"
          class={isDangerous ? 'danger' : 'primary'}
          onClick={() => {
            onDone(true);
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}

/** Shows its children once they come into view: a page with a hundred charts draws those that are seen. */
export function InView({ height, children }: { readonly height: number; readonly children: ComponentChildren }) {
  const host = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: '200px' },
    );
    observer.observe(host.current!);
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <div ref={host} class="in-view" style={{ minHeight: `${height}px` }}>
      {isSeen && children}
    </div>
  );
}

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly names: readonly Name[];
  readonly value: Name;
  readonly titles: Readonly<Record<Name, string>>;
  readonly onChange: (name: Name) => void;
  readonly children: ComponentChildren;
}

/** Tabs by the pattern of the ARIA guide: arrow keys go from one to the next. */
export function Tabs<Name extends string>({ label, names, value, titles, onChange, children }: TabsProps<Name>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = (names.indexOf(value) + by + names.length) % names.length;
    onChange(names[next]!);
    list.current!.querySelectorAll<HTMLElement>('[role=tab]')[next]!.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === value}
            aria-controls={`${id}-panel`}
            tabIndex={name === value ? 0 : -1}
            onClick={() => {
              onChange(name);
            }}
          >
            {titles[name]}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  );
}
