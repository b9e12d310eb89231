/// <reference types="vite/client" />

declare module 'virtual:demos' {
  /** Demo of each system that has one, loaded when it is wanted. */
  export const demos: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>;
}
