import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, Mark } from './parts/icons.tsx';
import { address, hrefOf, pageName } from './state/address.ts';
import { dismiss, notices } from './state/notices.ts';
import { lineOf } from './state/requests.ts';
import { studio } from './state/runs.ts';
import { connectionStatus } from './state/stream.ts';
import { setTheme, theme, THEMES } from './state/theme.ts';
import { TablePage } from './table/table-page.tsx';

interface PageEntry {
  readonly title: string;
  readonly load: () => Promise<ComponentType>;
}

const PAGES: Readonly<Record<string, PageEntry>> = {
  run: { title: 'Run', load: async () => (await import('./run/run-page.tsx')).RunPage },
  compare: { title: 'Compare', load: async () => (await import('./compare/compare-page.tsx')).ComparePage },
  launch: { title: 'Launch', load: async () => (await import('./launch/launch-page.tsx')).LaunchPage },
  trash: { title: 'Trash', load: async () => (await import('./trash/trash-page.tsx')).TrashPage },
};

const LINKS = [
  ['runs', 'Runs'],
  ['compare', 'Compare'],
  ['launch', 'Launch'],
  ['trash', 'Trash'],
] as const;

/** The whole page: head, the page that the address names, and notices. */
export function App() {
  const name = pageName.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const place = address.value.path.join('/');
  useEffect(() => {
    document.title = `${PAGES[name]?.title ?? 'Runs'}${address.value.path[1] === undefined ? '' : ` ${address.value.path[1]}`} · Motley Studio`;
    // A reader of the screen starts at the new page's content.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    if (!isFirst.current) window.scrollTo(0, 0);
    isFirst.current = false;
  }, [place]);
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={hrefOf([])} aria-label="Motley Studio, all runs">
          <Mark />
          <span>Motley Studio</span>
        </a>
        <nav aria-label="Pages">
          {LINKS.map(([page, title]) => (
            <a
              key={page}
              href={page === 'runs' ? hrefOf([]) : hrefOf([page])}
              aria-current={name === page ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <div class="top-right">
          {studio.value?.isReadOnly === true && <span class="badge">read-only</span>}
          <Connection />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {name === 'runs' ? <TablePage /> : <LazyPage key={name} name={name} />}
      </main>
      <div class="notices" role="status" aria-live="polite">
        {notices.value.map(({ id, text, tone }) => (
          <p key={id} class="notice" data-tone={tone}>
            <span>{text}</span>
            <button
              type="button"
              class="icon"
              aria-label="Dismiss"
              onClick={() => {
                dismiss(id);
              }}
            >
              <Icon name="close" />
            </button>
          </p>
        ))}
      </div>
    </>
  );
}

function LazyPage({ name }: { readonly name: string }) {
  const [page, setPage] = useState<{ readonly Page?: ComponentType; readonly error?: string }>({});
  useEffect(() => {
    const entry = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
    if (entry === undefined) {
      setPage({ error: `There is no page "${name}".` });
      return;
    }
    entry.load().then(
      (Page) => {
        setPage({ Page });
      },
      (error: unknown) => {
        setPage({ error: lineOf(error) });
      },
    );
  }, [name]);
  if (page.error !== undefined)
    return (
      <div class="empty">
        <h1>Not here</h1>
        <p>{page.error}</p>
        <a href={hrefOf([])}>All runs</a>
      </div>
    );
  const { Page } = page;
  return Page === undefined ? <p class="loading">Loading …</p> : <Page />;
}

const CONNECTION = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
} as const;

function Connection() {
  const status = connectionStatus.value;
  return (
    <span class="connection" data-status={status} role="status">
      <span aria-hidden="true">{status === 'live' ? '●' : '○'}</span> {CONNECTION[status]}
    </span>
  );
}

const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

function ThemeSwitch() {
  const now = theme.value;
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      class="icon"
      aria-label={`Colors: ${now}. Change to ${next}`}
      title={`Colors: ${now}`}
      onClick={() => {
        setTheme(next);
      }}
    >
      <Icon name={THEME_ICONS[now]} />
    </button>
  );
}
