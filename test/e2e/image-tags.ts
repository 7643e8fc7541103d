/** Tags of the one image on the node: a roll-out goes from the one to the other. */
export const imageTags = { current: 'e2e', next: 'e2e-next' } as const;

/** The name of an image as nodes complete it. @param name with or without a registry, such as `streammonitor:e2e` */
export function fullImageName(name: string): string {
  const [first = ''] = name.split('/');
  const hasRegistry = name.includes('/') && /[.:]/.test(first);
  return hasRegistry ? name : `docker.io/library/${name}`;
}
