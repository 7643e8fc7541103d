import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../integration/run-process.ts';
import { type PacketSender, startHttpTs } from '../integration/senders.ts';
import { Doorways } from './doorway.ts';
import { imageTags } from './image-tags.ts';
import { Kubernetes } from './kubernetes.ts';

const namespace = 'image';
let kubernetes: Kubernetes;
let doorways: Doorways;
let road: PacketSender;

beforeAll(async () => {
  kubernetes = await Kubernetes.connect(inject('kubeconfig'));
  doorways = new Doorways(inject('hostAddress'));
  road = await startHttpTs();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
});
afterAll(async () => {
  await kubernetes?.kubectl(['delete', 'namespace', namespace, '--timeout=90s']);
  await road?.stop();
  doorways?.close();
  await kubernetes?.close();
});

/** Runs the image in a pod of its own, with a root that cannot be written. What it printed, and its exit code. */
async function run(name: string, container: object): Promise<{ output: string; exitCode: number }> {
  const security = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  await kubernetes.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      // No user is named: the image's own has to do.
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          ...{ name, image: `streammonitor:${imageTags.current}`, securityContext: security },
          volumeMounts: [{ name: 'temporary', mountPath: '/tmp' }],
          ...container,
        },
      ],
      volumes: [{ name: 'temporary', emptyDir: {} }],
    },
  });
  type Pod = { status: { containerStatuses?: [{ state: { terminated?: { exitCode: number } } }] } };
  const exitCode = await eventually(
    `${name} ends`,
    async () => {
      const { status } = await kubernetes.get<Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`);
      return status.containerStatuses?.[0].state.terminated;
    },
    90,
  );
  return { output: await kubernetes.kubectl(['logs', '-n', namespace, name]), ...exitCode };
}

test.each(['operator', 'monitor', 'run', 'explain', 'top', 'probe'])(
  'it holds the subcommand %s',
  async (command) => {
    const { output, exitCode } = await run(`help-${command}`, { args: [command, '--help'] });
    expect(output).toContain(`streammonitor ${command}`);
    expect(exitCode).toBe(0);
  },
);

test('it probes a live stream with its own ffmpeg', async () => {
  const url = await doorways.to(road.url);
  const { output, exitCode } = await run('probe', { args: ['probe', '--duration', '5s', url] });
  expect(exitCode, output).toBe(0);
});

test('its bill of materials names what is in it', async () => {
  const file = '/usr/share/doc/streammonitor/sbom.cdx.json';
  const { output } = await run('bill', { command: ['cat', file] });
  const { bomFormat, components } = JSON.parse(output) as {
    bomFormat: string;
    components: { name: string; version: string; purl?: string }[];
  };
  const purls = components.map(({ purl }) => purl ?? '');
  expect(bomFormat).toBe('CycloneDX');
  expect(purls).toContainEqual(expect.stringMatching(/^pkg:deb\/debian\/ffmpeg@/));
  expect(purls).toContainEqual(expect.stringMatching(/^pkg:npm\/sharp@/));

  const format = `${['Package', 'Version'].map((field) => `\${${field}}`).join(' ')}\\n`;
  const { output: installed } = await run('packages', {
    command: ['dpkg-query', '--show', '--showformat', format],
  });
  const debian = components.filter(({ purl }) => purl?.startsWith('pkg:deb/'));
  expect(debian.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
    installed.split('\n').filter(Boolean).sort(),
  );
  const { output: node } = await run('node', { command: ['node', '--version'] });
  expect(purls).toContain(`pkg:generic/node@${node.trim().slice(1)}`);
});
