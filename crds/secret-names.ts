/** Most Secrets that one StreamMonitor may name: each is a volume of every pod that watches its streams. */
export const maxSecrets = 8;

interface Reference {
  readonly secretKeyRef: { readonly name: string };
}

interface SourceSecrets {
  readonly urlFrom?: Reference | undefined;
  readonly headersFrom?: Reference | undefined;
  readonly decryption?: { readonly keyFrom: Reference } | undefined;
}

interface StreamSecrets extends SourceSecrets {
  readonly reference?: SourceSecrets | undefined;
}

interface ReceiverSecrets {
  readonly urlFrom?: Reference | undefined;
  readonly secretFrom?: Reference | undefined;
  readonly headersFrom?: Reference | undefined;
}

interface SpecSecrets {
  readonly notifications: readonly {
    readonly webhook?: ReceiverSecrets | undefined;
    readonly alertmanager?: ReceiverSecrets | undefined;
  }[];
  readonly actions: readonly { readonly webhook: ReceiverSecrets }[];
  readonly results?: { readonly s3: { readonly credentialsFrom?: Reference | undefined } } | undefined;
}

/**
 * Names of the Secrets that a pod needs to watch streams of a StreamMonitor, sorted.
 * @param spec its `spec`
 * @param streams all of its streams, those of ConfigMaps included
 */
export function secretNamesOf(spec: SpecSecrets, streams: readonly StreamSecrets[]): string[] {
  const receivers = [
    ...spec.notifications.flatMap(({ webhook, alertmanager }) => webhook ?? alertmanager ?? []),
    ...spec.actions.map(({ webhook }) => webhook),
  ];
  const references = [
    ...streams
      .flatMap((stream) => [stream, stream.reference])
      .flatMap((source) => [source?.urlFrom, source?.headersFrom, source?.decryption?.keyFrom]),
    ...receivers.flatMap(({ urlFrom, secretFrom, headersFrom }) => [urlFrom, secretFrom, headersFrom]),
    spec.results?.s3.credentialsFrom,
  ];
  const names = references
    .filter((reference) => reference !== undefined)
    .map(({ secretKeyRef }) => secretKeyRef.name);
  return [...new Set(names)].sort();
}
