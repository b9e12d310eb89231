import { planTexts } from '../plan.ts';
import { synthesize } from '../synthesize.ts';
import { fakeSynthesizer } from './fake-synthesizer.ts';

/** Synthesizes 12 texts into the folder that the first argument names, and is killed at the ninth. */
const texts = Array.from('abcdefghijkl', (letter) => letter.repeat(12));
let spoken = 0;
const synthesizer = fakeSynthesizer(() => {
  if (++spoken === 9) process.kill(process.pid, 'SIGKILL');
});
const planned = planTexts(texts, synthesizer, synthesizer.voices);
await synthesize(planned, [synthesizer], { cache: process.argv[2]!, shardLength: 4, report: () => undefined });
