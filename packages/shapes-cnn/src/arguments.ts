/** Options of the command kit that take no value; all others take one. */
const FLAGS = new Set(['--no-compile', '--json', '--help', '-h']);

/** `predict a.png b.png --run DIR` as the command kit takes it: `predict --run DIR --files '["a.png","b.png"]'`. */
export function filesAsOption(argv: readonly string[]): string[] {
  const [command, ...rest] = argv;
  if (command !== 'predict') return [...argv];
  const [options, files]: [string[], string[]] = [[], []];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    if (word === '--') {
      files.push(...rest.slice(index + 1));
      break;
    }
    if (!word.startsWith('-')) files.push(word);
    else if (FLAGS.has(word) || word.includes('=')) options.push(word);
    else options.push(word, ...rest.slice(++index, index + 1));
  }
  return [command, ...options, ...(files.length === 0 ? [] : ['--files', JSON.stringify(files)])];
}
