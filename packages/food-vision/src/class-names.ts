import { UserError } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  classes: z.array(z.string()).min(2),
  framing: z.enum(['crop', 'whole']),
});

/** Names of a run's classes, and how its pictures were framed: its weights do not say so. */
export type RunClasses = z.output<typeof schema>;

/** In the run's folder. */
export const CLASSES_FILE = 'classes.json';

/** @throws UserError where the content is another */
export function parseClasses(json: unknown, place: string): RunClasses {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new UserError(`${place}: expected the names of the classes, found another content`);
  return parsed.data;
}
