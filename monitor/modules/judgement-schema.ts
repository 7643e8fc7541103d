import { z } from 'zod';
import { type DetectorManifest, severities } from '../../crds/detector-manifest.ts';
import type { Judgement, Unknown } from '../detectors/contract.ts';
import { mostJudgements } from './thread-messages.ts';

const share = z.number().min(0).max(1);
/** How far ahead of the newest observation a judgement may be, in seconds. */
const ahead = 1;
/** Most channels that one detector tells apart: each is judged on its own. */
const mostChannels = 16;

/** Reads what a module's detector says, which may be anything. */
export class JudgementReader {
  readonly #schema: z.ZodType<(Judgement | Unknown)[]>;
  readonly #channels = new Set<string>();

  constructor({ kinds }: Pick<DetectorManifest, 'kinds'>) {
    const judgement = z.strictObject({
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
    const unknown = z.strictObject({ unknown: z.union([z.string().min(1).max(300), z.undefined()]) });
    const said = z.union([judgement, unknown], { error: (issue) => closest(issue, judgement) });
    this.#schema = z.array(said).max(mostJudgements, {
      error: `returned more than ${mostJudgements} judgements at once`,
    }) as unknown as z.ZodType<(Judgement | Unknown)[]>;
  }

  /**
   * @param newest media time of the newest observation
   * @throws Error naming what is wrong
   */
  read(said: unknown, newest: number): readonly (Judgement | Unknown)[] {
    const parsed = this.#schema.safeParse(said);
    if (!parsed.success) throw new Error(problem(parsed.error));
    for (const one of parsed.data) {
      if (!('kind' in one)) continue;
      if (one.time > newest + ahead || (one.since ?? 0) > one.time)
        throw new Error(`time ${one.time} or since ${one.since} is after what was observed`);
      if (one.channel !== undefined) this.#channels.add(one.channel);
      if (this.#channels.size > mostChannels) throw new Error(`judges more than ${mostChannels} channels`);
    }
    return parsed.data;
  }
}

/** The union would say of both forms that they do not fit; nearly always a judgement was meant. */
function closest(issue: z.core.$ZodRawIssue, judgement: z.ZodType): string {
  const [first] = judgement.safeParse(issue.input).error?.issues ?? [];
  return first ? `${first.path.join('.')} ${first.message}`.trim() : 'is neither a judgement nor unknown';
}

function problem({ issues }: z.ZodError): string {
  const [{ path, message }] = issues as [z.core.$ZodIssue];
  return path.length === 0 ? message : `judgement ${String(path[0])}: ${message}`;
}
