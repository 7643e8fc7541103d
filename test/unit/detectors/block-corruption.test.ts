import { describe, expect, it } from 'vitest';
import blockCorruption from '../../../monitor/detectors/block-corruption.ts';
import type { EvidenceKind, Judgement } from '../../../monitor/detectors/contract.ts';
import { nativeFrames } from './native-frames.ts';
import { judge, type Painter } from './observations.ts';

const parameters = { visibleArea: 0.02, brokenEdges: 0.025, burnedIn: false };
const { enter } = blockCorruption.manifest.thresholds;
const [width, height] = [640, 360];
const detector = () => blockCorruption.create(parameters, { minDuration: 0 });

/** Rough texture, like grass or a crowd, from a hash of the position; 1024 × 512 samples that repeat. */
const field = Uint8Array.from({ length: 1024 * 512 }, (_, at) => {
  const [x, y] = [at & 1023, at >> 10];
  const broad = 60 * Math.sin(x / 23) + 40 * Math.sin(y / 17 + x / 41);
  const hash = Math.imul(x * 374_761_393 + y * 668_265_263, 1_274_126_177) >>> 26;
  return Math.round(118 + broad + hash / 4);
});
const texture = (x: number, y: number): number => field[((y & 511) << 10) | (x & 1023)]!;

/** Textured picture that moves by three samples a frame. */
const moving: Painter = (data, index) => {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = texture(x + 3 * index, y);
  }
};

/** Fills macroblocks with what lies elsewhere in the texture, as a wrong motion vector does. */
function displaced(share: number): Painter {
  return (data, index) => {
    moving(data, index);
    for (let row = 4; row < Math.floor(height / 16); row++) {
      for (let column = 0; column < width / 16; column++) {
        if ((column * 7 + row * 13 + index * 5) % 100 >= share * 100) continue;
        for (let y = 0; y < 16; y++) {
          for (let x = 0; x < 16; x++) {
            const at = (row * 16 + y) * width + column * 16 + x;
            data[at] = texture(column * 16 + x + 3 * index + 311 + 37 * row, row * 16 + y + 100);
          }
        }
      }
    }
  };
}

const still: Painter = (data) => moving(data, 0);

/** Still but for a smear over 24 of its 880 macroblocks. */
const smeared: Painter = (data) => {
  still(data, 0);
  for (let y = 96; y < 144; y++) data.fill(30, y * width + 192, y * width + 320);
};

/** Lets another place of the texture show through two macroblock rows. */
function blend(data: Uint8Array, share: number): void {
  for (let y = 96; y < 128; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      data[at] = Math.round((1 - share) * data[at]! + share * texture(x + 311, y + 100));
    }
  }
}

const evidence = (kind: EvidenceKind, time: number) =>
  ({ type: 'evidence', time, evidence: kind, track: 'video' }) as const;
const present = (judgements: Judgement[]) => judgements.filter(({ score }) => score >= enter);

describe('block corruption after lost data', () => {
  it('is none while nothing is seen', () => {
    const subject = detector();
    for (const said of [evidence('continuity-gap', 1), evidence('random-access', 2)]) subject.step(said);
    const judgements = judge(subject, nativeFrames(still, { count: 75 }));
    expect(present(judgements)).toEqual([]);
    expect(judgements.filter(({ score }) => score > 0).map(({ time }) => time)).toEqual(
      judgements.map(({ time }) => time).filter((time) => time >= 0.88 && time < 2),
    );
  });

  it('is a warning from the loss to the next random access point once a few blocks change suddenly', () => {
    const subject = detector();
    for (const said of [evidence('continuity-gap', 1), evidence('random-access', 2)]) subject.step(said);
    const painted: Painter = (data, index) => (index >= 27 && index < 50 ? smeared : still)(data, index);
    const found = present(judge(subject, nativeFrames(painted, { count: 75 })));
    expect([found[0]?.time, found[0]?.since, found.at(-1)?.time]).toEqual([27 / 25, 0.88, 1.96]);
    expect(found[0]).toMatchObject({ severity: 'warning', source: 'transport', confidence: 0.9 });
  });

  it('is told at its end where it crept in and jumps out of the picture', () => {
    const subject = detector();
    for (const said of [evidence('continuity-gap', 1), evidence('random-access', 2)]) subject.step(said);
    // Ever more of the fields of another place show through.
    const crept: Painter = (data, index) => {
      still(data, index);
      if (index >= 25 && index < 50) blend(data, (index - 25) / 25);
    };
    const found = present(judge(subject, nativeFrames(crept, { count: 75 })));
    expect(found.map(({ time, since }) => [time, since])).toEqual([[2, 0.88]]);
  });

  it('is seen wherever the whole picture moves', () => {
    const subject = detector();
    subject.step(evidence('continuity-gap', 1));
    const fast: Painter = (data, index) => moving(data, 100 * index);
    expect(present(judge(subject, nativeFrames(fast, { count: 40 })))[0]).toMatchObject({ time: 0.88 });
  });

  it('is critical once the damage is seen in three of ten frames', () => {
    const subject = detector();
    subject.step(evidence('continuity-gap', 0.4));
    const broken = displaced(0.1);
    const found = present(
      judge(
        subject,
        nativeFrames((data, index) => (index < 10 ? moving : broken)(data, index), { count: 25 }),
      ),
    );
    const critical = found.filter(({ severity }) => severity === 'critical');
    expect(critical[0]?.time).toBeCloseTo(12 / 25);
    expect(critical.at(-1)).toMatchObject({ source: 'transport', confidence: 0.95 });
    expect(critical.at(-1)!.area).toBeGreaterThan(0.02);
  });

  it('names the decoder where only its log tells', () => {
    const subject = detector();
    subject.step(evidence('decoder-error', 0.2));
    const painted: Painter = (data, index) => (index === 6 ? smeared : still)(data, index);
    expect(present(judge(subject, nativeFrames(painted, { count: 10 })))[0]).toMatchObject({
      source: 'decoder',
      severity: 'warning',
    });
  });

  it('does not outlast an epoch', () => {
    const subject = detector();
    subject.step(evidence('continuity-gap', 0));
    subject.step({ type: 'epoch', time: 0.2, hasVideo: true, hasAudio: true, transportSeen: true });
    expect(present(judge(subject, nativeFrames(moving, { count: 10, from: 0.2 })))).toEqual([]);
  });
});

describe('block corruption that pixels alone tell', () => {
  it('is found where many blocks are broken, from the first frame of it', () => {
    const broken = displaced(0.3);
    const judgements = judge(
      detector(),
      nativeFrames((data, index) => (index < 5 || index >= 15 ? moving : broken)(data, index), { count: 40 }),
    );
    const found = present(judgements);
    expect(found[0]).toMatchObject({ time: 7 / 25, since: 5 / 25, severity: 'critical', source: 'picture' });
    expect(found[0]!.area).toBeGreaterThan(0.1);
    expect(judgements.at(-1)!.score).toBeLessThan(enter);
  });

  it('needs more than one frame, and more than a few blocks', () => {
    const broken = displaced(0.3);
    const twice: Painter = (data, index) => (index % 20 < 2 ? broken : moving)(data, index);
    expect(present(judge(detector(), nativeFrames(twice, { count: 30 })))).toEqual([]);
    expect(present(judge(detector(), nativeFrames(displaced(0.005), { count: 15 })))).toEqual([]);
  });
});

describe('a clean picture', () => {
  const scenes: Record<string, Painter> = {
    'that moves': moving,
    'with a cut in every third frame': (data, index) => moving(data, 1000 * Math.floor(index / 3)),
    'that flashes': (data, index) => {
      moving(data, index);
      if (index % 2 === 0) for (let at = 0; at < data.length; at++) data[at] = 255 - data[at]!;
    },
    'of a moving mosaic on the block grid': (data, index) => {
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          data[y * width + x] = texture(16 * (Math.floor(x / 16) + index), 16 * Math.floor(y / 16));
    },
    'of text that scrolls by half a line': (data, index) => {
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const line = y + 8 * index;
          const inked = line % 16 > 2 && line % 16 < 13 && texture(x >> 1, line >> 1) % 3 === 0;
          data[y * width + x] = inked ? 16 : 235;
        }
    },
    'that stands still': (data) => moving(data, 0),
  };

  it.each(Object.entries(scenes))('%s raises nothing', (_, scene) => {
    const judgements = judge(detector(), nativeFrames(scene, { count: 20 }));
    expect(judgements).toHaveLength(20);
    expect(present(judgements)).toEqual([]);
  });
});

it('cannot tell without video, and can again with it', () => {
  const subject = detector();
  const epoch = { type: 'epoch', time: 0, hasAudio: true, transportSeen: false } as const;
  expect(subject.step({ ...epoch, hasVideo: false })).toEqual([{ unknown: 'the stream has no video' }]);
  expect(subject.step({ ...epoch, hasVideo: true })).toEqual([{ unknown: undefined }]);
});

describe('damage that was encoded again', () => {
  const lasting: Painter = (data, index) => (index < 50 || index > 80 ? moving : displaced(0.4))(data, index);
  const watched = (burnedIn: boolean) =>
    // Broken edges are not to open it on their own here.
    judge(
      blockCorruption.create({ ...parameters, brokenEdges: 1, burnedIn }, { minDuration: 0 }),
      nativeFrames(lasting, { count: 110 }),
    );

  it('is info where it is looked for', () => {
    const found = present(watched(true));
    expect(found[0]).toMatchObject({ severity: 'info', source: 'picture', since: expect.closeTo(2, 0) });
    expect(found.at(-1)!.time).toBeLessThan(4.7);
  });

  it('is nothing where it is not', () => {
    expect(present(watched(false))).toEqual([]);
  });
});
