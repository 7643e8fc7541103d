import { z } from 'zod';
import { validate } from '../../crds/validation-error.ts';
import defaults from './default-measurement.json' with { type: 'json' };

const ms = () => z.number().nonnegative();
const format = {
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  frameRate: z.number().positive(),
};

/** The distributed design at one picture size and sampled rate: ms CPU per second of the stream, medians. */
const distributedPoint = z.object({
  ...format,
  /** Size of one stored frame. */
  frameBytes: z.number().positive(),
  ms: z.object({
    /** Of `convert`, what decoding every frame of the stream takes; the rest grows with the frames that are stored. */
    decode: ms(),
    /** Decoding, and encoding the frames to be stored. */
    convert: ms(),
    /** The client's side of writing them. */
    put: ms(),
    /** One detector: fetch, decode, analyse. */
    detector: ms(),
    /** The store's own CPU, which is not billed by AWS. */
    storePut: ms().optional(),
    storeGet: ms().optional(),
  }),
});

/** StreamMonitor with a set of detectors: ms CPU per second of the stream, decoding included, median. */
const monitorPoint = z.object({
  ...format,
  detectors: z.array(z.string()).min(1),
  ms: z.number().positive(),
});

const shape = {
  /** Processor, and versions that matter. */
  machine: z.string().min(1),
  date: z.iso.date({ error: 'must be the day of the measurement, such as 2026-11-28' }),
  command: z.string().min(1),
  /** What else must be known to read it. */
  note: z.string().optional(),
};

/** What was measured, on which machine and day. Other fields, of a benchmark's file, are not read. */
export const measurementSchema = z.object({
  ...shape,
  distributed: z.array(distributedPoint).min(1),
  monitor: z.array(monitorPoint).optional(),
});

export type Measurement = Readonly<z.infer<typeof measurementSchema>>;
export type DistributedPoint = Measurement['distributed'][number];
export type MonitorPoint = NonNullable<Measurement['monitor']>[number];

export const defaultMeasurement: Measurement = measurementSchema.parse(defaults);

/** @throws ValidationError naming each wrong field */
export function readMeasurement(document: unknown): Measurement {
  return validate(measurementSchema, document);
}

interface Picture {
  readonly width: number;
  readonly height: number;
}

/** Of measured points, that of the nearest number of pixels; all of them where several have it. */
export function nearestPoints<P extends Picture>(points: readonly P[], picture: Picture): P[] {
  const distances = points.map((point) => Math.abs(Math.log(pixelsOf(point) / pixelsOf(picture))));
  const least = Math.min(...distances);
  return points.filter((_, index) => distances[index] === least);
}

export function pixelsOf({ width, height }: Picture): number {
  return width * height;
}
