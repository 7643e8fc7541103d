import { streamListLabel } from '../stream-list-label.ts';

/** One subject of the reference page that the table of fields does not make clear by itself. */
export interface ReferenceExample {
  readonly title: string;
  readonly text: string;
  /** Whole objects, ready to be applied. */
  readonly yaml: string;
}

/** The examples of the reference page, in its order. */
export const referenceExamples: readonly ReferenceExample[] = [
  {
    title: 'Streams from ConfigMaps',
    text:
      'More than 200 streams, or streams that a tool keeps, come from ConfigMaps of the same namespace. A ConfigMap ' +
      `is read only if it has the label \`${streamListLabel}: "true"\`; each of its keys holds a list, in YAML or ` +
      'JSON, whose entries have the fields of `spec.streams[]`. A wrong entry is left out, and the condition `Degraded` ' +
      'names ConfigMap, key, place and fix while the others are watched. Of two streams of one name the first is ' +
      'watched: of `spec.streams`, then by the names of ConfigMap and key.',
    yaml: `apiVersion: v1
kind: ConfigMap
metadata:
  name: sports-channels
  labels:
    ${streamListLabel}: "true"
    team: sports
data:
  channels.yaml: |
    - name: channel-1
      url: https://origin.example/ch1/master.m3u8
    - name: channel-2
      url: https://origin.example/ch2/master.m3u8
      priority: 80
---
apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports}
spec:
  streamsFrom:
    - configMap: {selector: {matchLabels: {team: sports}}}
`,
  },
  {
    title: 'Several renditions',
    text:
      'An entry with `rendition.heights` stands for one stream for each height, named `NAME@1080p`: each is placed, ' +
      'moved, reported and measured by itself, and costs what a stream costs, its reference included. Only HLS and DASH ' +
      'have renditions; the operator opens no stream, so it is the pod that finds out which there are. A height that the ' +
      'source does not list is `Down` with the reason `NotOffered` and the heights that it has, and is watched as soon ' +
      'as it is listed: none takes the place of another. `match.streams` names them as `channel-1@*` or ' +
      '`channel-1@1080p`.',
    yaml: `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports}
spec:
  streams:
    - name: channel-1
      url: https://origin.example/ch1/master.m3u8
      rendition: {heights: [1080, 720, 480]}
`,
  },
  {
    title: 'Live events',
    text:
      'A stream with a `window` is watched from `start` until `end`, and counts neither as monitored nor as blind ' +
      'outside of it. Either end may be left out. Times are those of RFC 3339, with an offset.',
    yaml: `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: final}
spec:
  streams:
    - name: main-feed
      url: https://origin.example/final/master.m3u8
      window: {start: "2026-07-19T18:00:00Z", end: "2026-07-19T23:30:00Z"}
`,
  },
  {
    title: 'Sources with one reader',
    text:
      'A stream changes pods now and then: when a node is emptied, or a new version is rolled out. Normally the new pod ' +
      'reads it before the old one lets go, so that nothing is missed. Where the source refuses a second reader, as ' +
      'many SRT listeners and encoders do, `connections: 1` has the old pod let go first. The seconds between are counted as blind.',
    yaml: `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: contribution}
spec:
  streams:
    - name: stadium
      url: srt://encoder.example:9000
      connections: 1
`,
  },
  {
    title: 'Detectors of your own',
    text:
      'A module is a ConfigMap whose key `detector.mjs` exports a manifest and `create`, as docs/custom-detectors.md tells. ' +
      'Each entry is a detector under the name that it is given; what its module does not declare as a parameter is ' +
      'refused by the pod, and the detector then says why it cannot tell.',
    yaml: `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports}
spec:
  streams: [{name: channel-1, url: "https://origin.example/ch1/master.m3u8"}]
  detectors:
    custom:
      - name: logo
        module: logo-detector
        severity: info
        parameters: {corner: top-left}
`,
  },
  {
    title: 'Pods',
    text:
      '`podTemplate` says where the pods run and what they get, in the words of a PodSpec. Streams share pods only with ' +
      'streams of the same namespace that ask for the same pods and Secrets; `isolation: Dedicated` keeps them from ' +
      'sharing at all. A change does not restart a pod under its streams: new pods come up, the streams move over, and ' +
      'the old pods go. `requests.cpu` is also how much work one pod is given. Memory always has a limit, CPU only where ' +
      'one is set.',
    yaml: `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports}
spec:
  streams: [{name: channel-1, url: "https://origin.example/ch1/master.m3u8"}]
  sharding: {isolation: Dedicated}
  podTemplate:
    nodeSelector: {node.example/pool: video}
    tolerations: [{key: dedicated, operator: Equal, value: video, effect: NoSchedule}]
    topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway}
    priorityClassName: live-video
    serviceAccountName: results-writer
    resources: {requests: {cpu: 2, memory: 2Gi}}
`,
  },
];
