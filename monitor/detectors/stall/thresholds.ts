/** Of all kinds of the stall detector: their scores are made to cross these where a defect begins and ends. */
export const thresholds = { enter: 0.5, exit: 0.4 } as const;
