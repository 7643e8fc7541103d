import { z } from 'zod';
import { type DetectorManifest, severities } from '../../crds/detector-manifest.ts';
import { ValidationError, validate } from '../../crds/validation-error.ts';
import type { Judgement, Unknown } from '../detectors/contract.ts';
import { mostJudgements } from './thread-messages.ts';

const share = z.number().min(0).max(1);
const unknownSchema = z.strictObject({ unknown: z.string().min(1).max(300).optional() });
/** How far ahead of the newest observation a judgement may be, in seconds. */
const ahead = 1;
/** Most channels that one detector tells apart: each is judged on its own. */
const mostChannels = 16;

/** Reads what a module's detector says, which may be anything. */
export class JudgementReader {
  readonly #judgement: z.ZodType;
  readonly #channels = new Set<string>();

  constructor({ kinds }: Pick<DetectorManifest, 'kinds'>) {
    this.#judgement = z.strictObject({
      time: z.number().min(0),
      kind: z.enum(Object.keys(kinds) as [string, ...string[]]),
      score: share,
      since: z.number().min(0).optional(),
      severity: z.enum(severities).optional(),
      area: share.optional(),
      channel: z.string().min(1).max(32).optional(),
      confidence: share.optional(),
      source: z.string().min(1).max(32).optional(),
    });
  }

  /**
   * @param said the list, or the type of what is none
   * @param newest media time of the newest observation
   * @throws Error naming what is wrong
   */
  read(said: unknown, newest: number): readonly (Judgement | Unknown)[] {
    if (!Array.isArray(said)) throw new Error(`step returned ${said}, not a list of judgements`);
    if (said.length > mostJudgements) {
      throw new Error(`step returned more than ${mostJudgements} judgements at once`);
    }
    return said.map((one: unknown, index) => {
      try {
        return this.#readOne(one, newest);
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        throw new Error(`judgement ${index}: ${error.message.replaceAll('\n', '; ')}`);
      }
    });
  }

  #readOne(one: unknown, newest: number): Judgement | Unknown {
    if (typeof one === 'object' && one !== null && 'unknown' in one) {
      return { unknown: validate(unknownSchema, one).unknown };
    }
    const judgement = validate(this.#judgement, one) as Judgement;
    const { time, since = time, channel } = judgement;
    if (time > newest + ahead) throw new Error(`time ${time} is later than what was observed, ${newest}`);
    if (since > time) throw new Error(`since ${since} is after time ${time}`);
    if (channel !== undefined) this.#channels.add(channel);
    if (this.#channels.size > mostChannels) throw new Error(`it judges more than ${mostChannels} channels`);
    return judgement;
  }
}
