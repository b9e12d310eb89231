/** Path of a Node release's program, as npm carries it for Linux on x64. */
export function nodeProgram(release: 'node-20' | 'node-26'): string;
