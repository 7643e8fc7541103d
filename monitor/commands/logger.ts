import { type Logger, pino } from 'pino';

/** Structured JSON on standard error: standard output is for results. */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  // A line that cannot be written, as on a disk that is full, must not end what it tells of.
  destination.on('error', () => {});
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
