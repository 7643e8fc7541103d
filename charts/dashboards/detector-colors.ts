import type { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';

/** No green among them, for what they colour is never good. Neighbours differ, and all are seen on dark and on light. */
const palette = [
  ...['#5794f2', '#f2495c', '#ff9830', '#b877d9', '#fade2a', '#33a2e5', '#c4162a', '#e0752d'],
  ...['#8f3bb8', '#cca300', '#8ab8ff', '#ff7383', '#a16a3b', '#d6a5f0', '#1f60c4', '#b8b8c8'],
];

/** Lines named after detectors, alone or behind a stream, have the detector's colour, the same on every dashboard. */
export function inDetectorColors(panel: TimeSeries): TimeSeries {
  for (const [index, type] of Object.keys(detectorCatalogue).entries()) {
    const fixedColor = palette[index % palette.length]!;
    panel.overrideByRegexp(`/(^| )${type}$/`, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  return panel;
}
