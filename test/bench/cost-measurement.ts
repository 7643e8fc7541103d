import { type Measurement, readMeasurement } from '../../operator/cost/measurement.ts';
import type { BenchFile } from './bench-file.ts';
import { benchSet, pictureSet } from './commands.ts';
import { frameRate } from './renditions.ts';

/**
 * What a run of the bench says to `streammonitor cost --measured`: both designs on one machine.
 * @throws ValidationError when the run lacks the ratios or the distributed baseline
 */
export function costMeasurement(file: BenchFile): Measurement {
  const { date, command, machine, renditions, milliseconds, distributed } = file;
  const sizes = Object.entries(renditions).map(([name, size]) => ({
    size: { width: size.width, height: size.height },
    taken: milliseconds[name as keyof typeof milliseconds],
    services: distributed[name as keyof typeof distributed],
  }));
  return readMeasurement({
    machine: `${machine.cores} cores of ${machine.processor}, Node ${machine.node}, ffmpeg ${machine.ffmpeg}`,
    date,
    command,
    distributed: sizes.flatMap(({ size, taken, services }) =>
      (taken && services ? services.rates : []).map(({ milliseconds: ms, bytesPerFrame, ...rate }) => ({
        ...size,
        frameRate: rate.frameRate,
        frameBytes: bytesPerFrame,
        ms: {
          decode: taken!.decode,
          convert: ms.converter,
          put: ms.put,
          detector: (ms.get! + ms.detector!) / pictureSet.length,
        },
      })),
    ),
    monitor: sizes.flatMap(({ size, taken }) =>
      taken?.benchSet ? [{ ...size, frameRate, detectors: benchSet, ms: taken.benchSet }] : [],
    ),
  });
}
