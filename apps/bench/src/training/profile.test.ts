import { expect, it } from 'vitest';
import { toMarkdown } from './profile.ts';

it('a profile sums operations by kind, with their share', () => {
  const page = toMarkdown(
    { name: 'CNN', title: 'two convolutions' },
    {
      wallTimeInMs: 7.5,
      operations: [
        { name: 'a', operation: 'Conv2D', shapes: '[1] → [2]', timeInMs: 5 },
        { name: 'b', operation: 'Relu', shapes: '', timeInMs: 3 },
        { name: 'c', operation: 'Conv2D', shapes: '[3] → [4]', timeInMs: 2 },
      ],
    },
  );
  expect(page).toMatch(/^# CNN: two convolutions$/m);
  expect(page).toMatch(/takes 7\.50 ms; its 3 operations take 10\.00 ms/);
  expect(page).toMatch(/^\| Conv2D +\| +2 \| +7\.000 \| +70\.0 % \|$/m);
  expect(page).toMatch(/^\| Conv2D +\| \[3\] → \[4\] \| +2\.000 \| +20\.0 % \|$/m);
});
