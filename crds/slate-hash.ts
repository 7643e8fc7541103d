/** A slate's hash as text: 256 bits in hexadecimal digits, as `streammonitor slate` prints it. */
export const slateHashPattern = /^[0-9a-fA-F]{64}$/;
/** Bits that may differ without; PDQ's authors take 31 of 256 for the same picture. */
export const slateTolerance = 31;
