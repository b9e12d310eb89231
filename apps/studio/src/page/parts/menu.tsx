import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface MenuProps {
  /** Name for a reader of the screen. */
  readonly label: string;
  readonly sign: ComponentChildren;
  readonly isTall?: boolean;
  readonly children: ComponentChildren;
}

/** A menu that opens below its sign, and closes by Escape, by a click elsewhere, or as the focus leaves it. */
export function Menu({ label, sign, isTall = false, children }: MenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = ({ target }: Event): void => {
      if (!menu.current!.contains(target as Node)) menu.current!.open = false;
    };
    document.addEventListener('pointerdown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
    };
  }, []);
  return (
    <details
      class="menu"
      ref={menu}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget !== null && !menu.current!.contains(relatedTarget as Node)) menu.current!.open = false;
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        menu.current!.open = false;
        menu.current!.querySelector('summary')!.focus();
      }}
    >
      <summary aria-label={label} title={label}>
        {sign}
      </summary>
      <div class={isTall ? 'menu-body tall' : 'menu-body'}>{children}</div>
    </details>
  );
}
