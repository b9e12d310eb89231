import { meanTerms } from '@motley/core';
import type { BatchSource, EvaluationLimits } from '@motley/run';
import type { SpeechBatch } from './data.ts';
import { listeningLoss, spellingLoss, symbolCount } from './loss.ts';
import type { ListenAttendSpell } from './model.ts';

/** Losses in nats per symbol with the transcript told, on utterances that the model was not trained on. */
export function validate(
  model: ListenAttendSpell,
  batches: BatchSource<SpeechBatch>,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  return meanTerms(
    batches,
    ({ frames, lengths, transcripts }) => {
      const heard = model.listen(frames, lengths);
      const ctc = model.ctc && listeningLoss(model.ctc.forward(heard.values), heard, transcripts);
      if (model.speller === undefined) return { loss: ctc! };
      const memory = model.speller.attention.remember(heard.values, heard.lengths);
      const spelling = spellingLoss(model.speller.forward(memory, transcripts).logits, transcripts, 0);
      return { ...spelling, ...(ctc && { ctc }) };
    },
    { ...limits, weightOf: ({ transcripts }) => symbolCount(transcripts) },
  );
}
