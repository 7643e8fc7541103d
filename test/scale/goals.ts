import type { ScaleOutcome } from './scale-run.ts';

/** What the operator is held to with up to so many streams; with more it has to come to an end. */
export const goals = {
  streams: 5_000,
  megabytes: 256,
  steadyWritesPerSecond: 1,
  resyncSeconds: 30,
} as const;

/** What is not as it should be: a sentence each. */
export function breaches(
  streams: number,
  { phases, conflicts, failure }: Pick<ScaleOutcome, 'phases' | 'conflicts' | 'failure'>,
): string[] {
  const found = failure === undefined ? [] : [failure];
  if (conflicts.length > 0) found.push(`two owners at once, ${conflicts.length} times: ${conflicts[0]}`);
  if (streams > goals.streams) return found;
  for (const { name, peakMegabytes, writes, seconds } of phases) {
    if (peakMegabytes > goals.megabytes)
      found.push(`${name}: the operator had ${peakMegabytes.toFixed(0)} MiB; the goal is ${goals.megabytes}`);
    if (name === 'steady' && writes / seconds > goals.steadyWritesPerSecond)
      found.push(
        `${name}: ${(writes / seconds).toFixed(2)} writes a second; the goal is ${goals.steadyWritesPerSecond}`,
      );
    if (name === 'restart' && seconds > goals.resyncSeconds)
      found.push(`${name}: ${seconds.toFixed(1)} s; the goal is ${goals.resyncSeconds}`);
  }
  return found;
}
