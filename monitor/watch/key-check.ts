/** A second of pictures. */
const windowFrames = 25;

/**
 * Tells a wrong key of encrypted samples by the decoder: containers and headers are clear, so that only the decoder
 * sees the noise, in nearly every picture. Damage on the way is never as dense where segments arrive whole.
 */
export class KeyCheck {
  #frames = 0;
  #damage = 0;

  damage(): void {
    this.#damage++;
  }

  /** Counts a picture; whether the key is wrong. */
  frame(): boolean {
    if (++this.#frames < windowFrames) return false;
    const wrong = this.#damage >= 0.8 * windowFrames;
    this.#frames = 0;
    this.#damage = 0;
    return wrong;
  }
}
