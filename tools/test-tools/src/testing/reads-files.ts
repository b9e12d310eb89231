import { readFileSync } from 'node:fs';

export const text = (path: string): string => readFileSync(path, 'utf8');
export const later = () => import('./program.ts');
