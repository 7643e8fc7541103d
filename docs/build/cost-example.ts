import { parseStreamMonitors } from '../../crds/stream-monitor-file.ts';
import { costOfMonitors } from '../../operator/cost/cost-of-monitors.ts';
import { costText } from '../../operator/cost/cost-text.ts';

const channels = 40;

/** Channels with the default detectors, and results. */
const example = `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports, namespace: live}
spec:
  results: {s3: {bucket: live-results, region: us-east-1}}
  streams:
${Array.from({ length: channels }, (_, index) => `    - {name: channel-${index + 1}, url: "https://origin.example/${index + 1}/master.m3u8"}`).join('\n')}
`;

/** Twenty channels, and twenty more for four hours of the day. */
const day = Array.from({ length: 24 }, (_, hour) => ({
  hours: 1,
  streams: hour >= 18 && hour < 22 ? 40 : 20,
}));

/** What `streammonitor cost` says of an example. */
export function costExample(): string {
  const report = costOfMonitors(parseStreamMonitors(example, 'live.yaml'), { shardCpu: 2, profile: day });
  return [
    `\`streammonitor cost -f live.yaml --streams-by-hour day.yaml\`, where \`live.yaml\` has ${channels} streams with the default ` +
      'detectors and results in S3, and `day.yaml` says 20 streams an hour and 40 from 18 to 22 h:',
    `\`\`\`text\n${costText(report).trimEnd()}\n\`\`\``,
  ].join('\n\n');
}
