import { Agent } from 'node:http';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { StoreAddress } from './messages.ts';

const connections = 8;

/** Frames as objects: connections are kept alive, checksums beyond the signature are left out. */
export class FrameBucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  putCalls = 0;
  getCalls = 0;

  constructor({ endpoint, bucket, region, accessKeyId, secretAccessKey }: StoreAddress) {
    this.#bucket = bucket;
    this.#client = new S3Client({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: connections }) },
    });
  }

  async put(key: string, body: Buffer): Promise<void> {
    this.putCalls++;
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body }));
  }

  async get(key: string): Promise<Uint8Array> {
    this.getCalls++;
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    if (!Body) throw new Error(`${key}: the S3 server gave no body`);
    return Body.transformToByteArray();
  }
}
