import { afterEach, expect, it } from 'vitest';
import { Leader } from './leader.ts';

const leaders: Leader<string>[] = [];
const opened: string[] = [];
const received = new Map<string, string[]>();
const senders = new Map<string, (message: string) => void>();

function join(channel: string, id: string): Leader<string> {
  received.set(id, []);
  const leader = new Leader<string>(channel, {
    id,
    beatInMs: 20,
    open: (send) => {
      opened.push(id);
      senders.set(id, send);
      return () => {
        senders.delete(id);
      };
    },
    receive: (message) => {
      received.get(id)!.push(message);
    },
    greet: () => 'hello',
  });
  leaders.push(leader);
  return leader;
}

afterEach(() => {
  for (const leader of leaders.splice(0)) leader.close();
  opened.length = 0;
});

it('has one leader, whose messages all tabs get, and another one when it is gone', async () => {
  const tabs = ['c', 'a', 'b'].map((id) => join('one', id));
  await expect.poll(() => tabs.filter(({ isLeading }) => isLeading).length).toBe(1);
  const first = tabs.find(({ isLeading }) => isLeading)!;
  for (const send of senders.values()) send('news');
  for (const id of ['a', 'b', 'c']) await expect.poll(() => received.get(id)).toContain('news');
  first.close();
  await expect.poll(() => tabs.filter((tab) => tab !== first && tab.isLeading).length).toBe(1);
  expect(senders.size).toBe(1);
});

it('greets a tab that comes later, and keeps its leader', async () => {
  const first = join('two', 'z');
  await expect.poll(() => first.isLeading).toBe(true);
  const second = join('two', 'a');
  await expect.poll(() => received.get('a')).toContain('hello');
  expect([first.isLeading, second.isLeading]).toEqual([true, false]);
});
