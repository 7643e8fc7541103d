/** What a panel says about its values, as its JSON has it. */
export interface ValueStyle {
  readonly unit: string;
  readonly decimals: number | undefined;
}

const counts = ['', ' K', ' Mil', ' Bil', ' Tri'];
const shortCounts = ['', 'K', 'M', 'B', 'T'];
const binary = [' B', ' KiB', ' MiB', ' GiB', ' TiB'];
const times = [
  [60, 1, ' s'],
  [3600, 60, ' mins'],
  [86_400, 3600, ' hours'],
  [604_800, 86_400, ' days'],
  [Number.POSITIVE_INFINITY, 604_800, ' weeks'],
] as const;

/**
 * A value as Grafana writes it: the unit decides on scale and suffix, and where no decimals are set, three digits
 * are shown. Runs in Node.js and in the browser. Source: the value formats of `@grafana/data`.
 * @throws RangeError for a unit that no dashboard here has had so far
 */
export function formatted(value: number, { unit, decimals }: ValueStyle): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (unit.startsWith('suffix:')) return `${digits(value, decimals)} ${unit.slice('suffix:'.length)}`;
  switch (unit) {
    case 'none':
      return digits(value, decimals);
    case 'short':
      return scaled(value, decimals, 1000, counts);
    case 'percentunit':
      return `${digits(value * 100, decimals)}%`;
    case 'currencyUSD':
      return `${value < 0 ? '-' : ''}$${scaled(Math.abs(value), decimals, 1000, shortCounts)}`;
    case 'bytes':
      return scaled(value, decimals, 1024, binary);
    case 's':
      return time(value, decimals);
    case 'fps':
      return `${scaled(value, decimals, 1000, shortCounts)} fps`;
    case 'cps':
      return `${scaled(value, decimals, 1000, shortCounts)} c/s`;
    case 'cpm':
      return `${scaled(value, decimals, 1000, shortCounts)} c/m`;
    default:
      throw new RangeError(
        `the unit ${unit} is not known here: add it to docs/build/dashboards/panel-values.ts`,
      );
  }
}

function time(seconds: number, decimals: number | undefined): string {
  const size = Math.abs(seconds);
  if (size === 0) return `${digits(0, decimals)} s`;
  if (size < 1e-3) return `${digits(seconds * 1e6, decimals)} µs`;
  if (size < 1) return `${digits(seconds * 1e3, decimals)} ms`;
  const [, divisor, suffix] = times.find(([below]) => size < below)!;
  return digits(seconds / divisor, decimals) + suffix;
}

function scaled(
  value: number,
  decimals: number | undefined,
  factor: number,
  suffixes: readonly string[],
): string {
  const step = value === 0 ? 0 : Math.floor(Math.log(Math.abs(value)) / Math.log(factor) + 1e-9);
  const index = Math.min(Math.max(step, 0), suffixes.length - 1);
  return digits(value / factor ** index, decimals) + suffixes[index];
}

function digits(value: number, decimals = usualDecimals(value)): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** Whole numbers without; otherwise three digits that say something, two of negative ones. */
function usualDecimals(value: number): number {
  if (value % 1 === 0) return 0;
  const decimals = (value > 0 ? 2 : 1) - Math.floor(Math.log10(Math.abs(value)));
  return Math.min(Math.max(0, decimals), 12);
}
