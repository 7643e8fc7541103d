import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readKubeconfig } from './kubernetes.ts';

interface ScrapeConfig {
  readonly kubernetes_sd_configs: readonly object[];
  readonly relabel_configs: readonly object[];
}

/**
 * The scrape configuration that docs/metrics.md gives, for a Prometheus that runs outside the cluster: it asks the API
 * server with a kubeconfig, and reaches pods through it, as it has no route to them on every kind of cluster.
 * @param directory for the files of certificates
 */
export async function documentedScrapeConfig(kubeconfig: string, directory: string): Promise<object> {
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const [, yaml] = /```yaml\n(scrape_configs:.*?)```/s.exec(page)!;
  const [config] = (parse(yaml!) as { scrape_configs: [ScrapeConfig] }).scrape_configs;
  const { server, ...credentials } = await readKubeconfig(kubeconfig);
  await mkdir(directory, { recursive: true });
  const files = { ca_file: 'authority', cert_file: 'certificate', key_file: 'key' } as const;
  for (const name of Object.values(files)) await writeFile(join(directory, name), credentials[name]);

  const throughServer = [
    {
      source_labels: [
        '__meta_kubernetes_namespace',
        '__meta_kubernetes_pod_name',
        '__meta_kubernetes_pod_annotation_prometheus_io_port',
        '__metrics_path__',
      ],
      regex: '(.+);(.+);(.+);(.+)',
      replacement: '/api/v1/namespaces/$1/pods/$2:$3/proxy$4',
      target_label: '__metrics_path__',
    },
    { target_label: '__address__', replacement: new URL(server).host },
  ];
  return {
    ...config,
    scheme: 'https',
    tls_config: Object.fromEntries(
      Object.entries(files).map(([field, name]) => [field, join(directory, name)]),
    ),
    kubernetes_sd_configs: config.kubernetes_sd_configs.map((each) => ({
      ...each,
      kubeconfig_file: kubeconfig,
    })),
    relabel_configs: [...config.relabel_configs, ...throughServer],
  };
}
