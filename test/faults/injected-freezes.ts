import type { LivePicture } from '../integration/senders.ts';

/** A picture that stood still at its source. Times in ms since 1970. */
export interface InjectedFreeze {
  readonly stream: string;
  readonly from: number;
  /** Absent while it goes on. */
  to?: number;
}

/** Makes pictures stand still and move again, and keeps when. */
export class InjectedFreezes {
  readonly all: InjectedFreeze[] = [];
  readonly #pictures: ReadonlyMap<string, LivePicture>;

  constructor(pictures: ReadonlyMap<string, LivePicture>) {
    this.#pictures = pictures;
  }

  begin(stream: string): InjectedFreeze {
    const freeze: InjectedFreeze = { stream, from: Date.now() };
    this.#pictures.get(stream)!.freeze(true);
    this.all.push(freeze);
    return freeze;
  }

  end(freeze: InjectedFreeze): void {
    this.#pictures.get(freeze.stream)!.freeze(false);
    freeze.to = Date.now();
  }
}
