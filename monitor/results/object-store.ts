/** Where objects are put. */
export interface ObjectStore {
  /**
   * Puts an object, whole or not at all; putting it again is harmless.
   * @throws Error when it is not known to be there
   */
  put(key: string, body: Buffer, contentType: string, signal: AbortSignal): Promise<void>;
  close(): void;
}
