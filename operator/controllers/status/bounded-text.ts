/** The longest message of a condition or an event, in characters: an event of the API takes no more than 1024. */
export const longestMessage = 1000;

/** The first few of a list, and how many more there are: `a, b and 12 more`. */
export function firstFew(items: readonly string[], most = 5): string {
  // "and 1 more" is no shorter than the one that it stands for.
  const shown = items.length <= most + 1 ? items : items.slice(0, most);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Text of at most so many characters; what is cut off shows as an ellipsis. Control characters become spaces. */
export function clipped(text: string, most = longestMessage): string {
  const line = text.replace(/\p{Cc}+/gu, ' ');
  if (line.length <= most) return line;
  // Never half of a character that takes two.
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `1 stream`, `2 streams`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1 stream is`, `2 streams are`. */
export function countedAre(count: number, noun: string): string {
  return `${counted(count, noun)} ${count === 1 ? 'is' : 'are'}`;
}

/** Names by what they have in common, the commonest first: `no space: a, b and 12 more; not found: c`. */
export function namesByReason(
  entries: readonly { readonly name: string; readonly reason: string }[],
  most = 3,
): string {
  const groups = [...Map.groupBy(entries, ({ reason }) => reason)]
    .map(([reason, members]) => ({ reason, names: [...new Set(members.map(({ name }) => name))].sort() }))
    .sort((a, b) => b.names.length - a.names.length || (a.reason < b.reason ? -1 : 1));
  const shown = groups.slice(0, most).map(({ reason, names }) => `${reason}: ${firstFew(names)}`);
  const rest = new Set(groups.slice(most).flatMap(({ names }) => names)).size;
  return rest === 0 ? shown.join('; ') : `${shown.join('; ')}; ${counted(rest, 'stream')} for other reasons`;
}
