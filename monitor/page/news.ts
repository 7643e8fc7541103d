import type { PageStream, Wall } from '../../crds/page-api.ts';
import { conditionLabels, openIncidents } from './condition.ts';
import { streamKey } from './stream-key.ts';
import { incidentText } from './wording.ts';

/** What a person who hears the page should be told now: incidents that opened and streams that went down. */
export function newsOf(before: Wall | undefined, after: Wall | undefined): string | undefined {
  if (!before || !after || before === after) return undefined;
  const earlier = new Map(before.streams.map((stream) => [streamKey(stream), stream]));
  const news = after.streams.flatMap((stream) => {
    const known = earlier.get(streamKey(stream));
    return known && known !== stream ? changes(known, stream) : [];
  });
  return news.length > 0 ? news.join('. ') : undefined;
}

function changes(before: PageStream, after: PageStream): string[] {
  const known = new Set(before.incidents.map(({ id }) => id));
  const opened = openIncidents(after).filter(({ id }) => !known.has(id));
  const news = opened.map(
    (incident) => `${after.name}: ${incidentText(incident, after)}, ${conditionLabels[incident.severity]}`,
  );
  if (after.phase === 'Down' && before.phase !== 'Down') news.push(`${after.name} is down: ${after.message}`);
  return news;
}
