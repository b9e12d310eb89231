import { describe, expect, it } from 'vitest';
import { filesAsOption } from './arguments.ts';

describe('filesAsOption', () => {
  it.each([
    ['predict a.png b,c.jpg', ['predict', '--files', '["a.png","b,c.jpg"]']],
    ['predict --run runs/x a.png --json', ['predict', '--run', 'runs/x', '--json', '--files', '["a.png"]']],
    ['predict --run=runs/x --no-compile a.png', ['predict', '--run=runs/x', '--no-compile', '--files', '["a.png"]']],
    ['predict -- --odd.png', ['predict', '--files', '["--odd.png"]']],
    ['predict --help', ['predict', '--help']],
    ['train --out a', ['train', '--out', 'a']],
  ])('%s', (line, expected) => {
    expect(filesAsOption(line.split(' '))).toEqual(expected);
  });
});
