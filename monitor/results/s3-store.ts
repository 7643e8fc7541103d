import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { MountedSecrets } from '../secrets/mounted-secrets.ts';
import type { ObjectStore } from './object-store.ts';
import { parseS3Credentials } from './s3-credentials.ts';
import type { Destination } from './series.ts';

const connectionTimeout = 5000;

/** Objects in an S3 bucket. Credentials are read at each upload, so that a rotation takes effect. */
export class S3Store implements ObjectStore {
  readonly #target: NonNullable<Destination['s3']>;
  readonly #secrets: MountedSecrets;
  #client: { readonly credentials: string | undefined; readonly s3: S3Client } | undefined;

  constructor(target: NonNullable<Destination['s3']>, secrets: MountedSecrets) {
    this.#target = target;
    this.#secrets = secrets;
  }

  async put(key: string, body: Buffer, contentType: string, signal: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({
      Bucket: this.#target.bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
    });
    await this.#currentClient().send(command, { abortSignal: signal });
  }

  close(): void {
    this.#client?.s3.destroy();
  }

  /** Without credentials of its own the SDK's chain applies, such as a service account's web identity. */
  #currentClient(): S3Client {
    const { credentialsFrom, region, endpoint, forcePathStyle } = this.#target;
    const credentials = credentialsFrom && this.#secrets.read(credentialsFrom);
    if (this.#client && this.#client.credentials === credentials) return this.#client.s3;
    const s3 = new S3Client({
      // Servers other than AWS take any region, but a signature needs one.
      ...(region !== undefined ? { region } : endpoint !== undefined && { region: 'us-east-1' }),
      ...(endpoint !== undefined && { endpoint }),
      forcePathStyle,
      ...(credentials !== undefined && { credentials: parseS3Credentials(credentials) }),
      // The dispatcher retries; servers other than AWS often lack the newer checksums.
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout },
    });
    this.#client?.s3.destroy();
    this.#client = { credentials, s3 };
    return s3;
  }
}
