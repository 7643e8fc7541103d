/** Tags of the one image on the node: a roll-out goes from the one to the other. */
export const imageTags = { current: 'e2e', next: 'e2e-next' } as const;
