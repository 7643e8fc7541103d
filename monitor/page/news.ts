import { type PageTile, streamKey } from '../../crds/page-api.ts';
import { conditionLabels, openIncidents } from './condition.ts';
import type { ShownWall } from './wall-feed.ts';
import { incidentText } from './wording.ts';

/** What a person who hears the page should be told now: incidents that opened and streams that went down. */
export function newsOf(before: ShownWall | undefined, after: ShownWall | undefined): string | undefined {
  if (!before || !after || before === after) return undefined;
  const earlier = new Map(before.tiles.map((stream) => [streamKey(stream), stream]));
  const news = after.tiles.flatMap((stream) => {
    const known = earlier.get(streamKey(stream));
    return known && known !== stream ? changes(known, stream) : [];
  });
  return news.length > 0 ? news.join('. ') : undefined;
}

function changes(before: PageTile, after: PageTile): string[] {
  const known = new Set(before.incidents.map(({ id }) => id));
  const opened = openIncidents(after).filter(({ id }) => !known.has(id));
  const news = opened.map(
    (incident) => `${after.name}: ${incidentText(incident)}, ${conditionLabels[incident.severity]}`,
  );
  if (after.phase === 'Down' && before.phase !== 'Down') news.push(`${after.name} is down: ${after.message}`);
  return news;
}
