import { fit, type LossTerms, type LossContext, orDispose, StateDictError, type TensorRunContext } from '@motley/core';
import { planTraining, UserError, type TrainingResult } from '@motley/run';
import { type RunFolder, userPath } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { attentionListener } from './attention-history.ts';
import type { LasSpeechConfig } from './config.ts';
import { createModel } from './create-model.ts';
import { evaluationBatches, openTrainingBatches, type SpeechBatch, type Speech } from './data.ts';
import { errorRates } from './error-rates.ts';
import { heldOutLosses, Transcriber } from './evaluate.ts';
import { linear, listeningLoss, spellingLoss, symbolCount } from './loss.ts';
import { ListenAttendSpell } from './model.ts';
import { loadRunWeights } from './run-weights.ts';

/**
 * Trains a model. The caller disposes of it.
 * @param context with a folder, the attention to an utterance is drawn at every validation
 * @throws what `fit` throws; the model is then freed
 */
export async function train(
  config: LasSpeechConfig,
  speech: Speech,
  context: TensorRunContext & { readonly folder?: RunFolder } = {},
): Promise<{ readonly model: ListenAttendSpell; readonly result: TrainingResult }> {
  const {
    initialWeights,
    labelSmoothing,
    ctcWeight,
    finalCtcWeight,
    teacherForcing,
    finalTeacherForcing,
    ...training
  } = config.training;
  const trainingBatches = await openTrainingBatches(config, speech);
  const validationBatches = evaluationBatches(config, speech.validation);
  const { totalSteps } = planTraining(training, trainingBatches);
  const model = createModel(config);
  const loss = ({ frames, lengths, transcripts }: SpeechBatch, { random, step }: LossContext): LossTerms => {
    const heard = model.listen(frames, lengths, random);
    const ctc = model.ctc && listeningLoss(model.ctc.forward(heard.values), heard, transcripts);
    if (model.speller === undefined) return { loss: ctc! };
    const memory = model.speller.attention.remember(heard.values, heard.lengths);
    const share = linear(step, totalSteps, teacherForcing, finalTeacherForcing);
    const { logits } = model.speller.forward(memory, transcripts, { random, teacherForcing: share });
    const { loss: spelling, accuracy } = spellingLoss(logits, transcripts, labelSmoothing);
    if (ctc === undefined) return { loss: spelling, accuracy: accuracy! };
    const weight = linear(step, totalSteps, ctcWeight, finalCtcWeight);
    const joint = tf.add(spelling, tf.mul(weight, tf.sub(ctc, spelling))); // (1 − λ) spelling + λ ctc
    return { loss: joint, spelling, ctc, accuracy: accuracy! };
  };
  const { folder, listeners = [], ...runContext } = context;
  const greedy = { ...config, decoding: { ...config.decoding, beam: 1, ctcWeight: 0 } };
  const transcriber = new Transcriber(model, greedy, context.compile);
  const pictures = folder && attentionListener(model, config, speech.validation, folder);
  try {
    return await orDispose(model, async () => {
      if (initialWeights !== null && context.resume === undefined) await startFrom(model, initialWeights);
      const result = await fit({
        ...runContext,
        ...training,
        listeners: pictures === undefined ? listeners : [...listeners, pictures],
        model,
        trainingBatches,
        loss,
        weightOf: ({ transcripts }) => symbolCount(transcripts),
        validate: async (limits) => {
          const losses = await heldOutLosses(model, validationBatches, limits);
          if (limits.maxBatches !== undefined) return losses;
          const { characterErrorRate, wordErrorRate } = errorRates(await transcriber.transcribe(speech.validation));
          return { ...losses, characterErrorRate: characterErrorRate.value, wordErrorRate: wordErrorRate.value };
        },
      });
      return { model, result };
    });
  } finally {
    transcriber.dispose();
    await trainingBatches.dispose();
  }
}

/** Gives the model the weights of another training. @throws UserError where they do not fit */
async function startFrom(model: ListenAttendSpell, path: string): Promise<void> {
  const weights = await loadRunWeights(userPath(path, 'train'), 'las-speech');
  try {
    model.loadStateDict(weights);
  } catch (error) {
    throw error instanceof StateDictError ? new UserError(`${path}: ${error.message}`, { cause: error }) : error;
  } finally {
    tf.dispose(weights);
  }
}
