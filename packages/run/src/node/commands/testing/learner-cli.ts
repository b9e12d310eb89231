import { runLearner } from './learner.ts';

process.exitCode = await runLearner(process.argv.slice(2));
