import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate and its key as PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The same as PEM text. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Issues certificates for the parts of one cluster, all signed by one authority of its own. */
export class CertificateAuthority {
  readonly files: CertificateFiles;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.files = this.#filesOf('ca');
  }

  static async create(directory: string): Promise<CertificateAuthority> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const authority = new CertificateAuthority(directory);
    await authority.#request('ca', '/CN=test-cluster', [
      'keyUsage=critical,digitalSignature,keyCertSign,cRLSign',
    ]);
    return authority;
  }

  /**
   * @param subject as Kubernetes reads it: CN is the user, each O a group
   * @param alternativeNames of a server, as `DNS:localhost` or `IP:127.0.0.1`
   */
  async issue(
    name: string,
    subject: string,
    alternativeNames: readonly string[] = [],
  ): Promise<CertificateFiles> {
    const extensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'extendedKeyUsage=serverAuth,clientAuth',
    ];
    if (alternativeNames.length > 0) extensions.push(`subjectAltName=${alternativeNames.join(',')}`);
    const signer = ['-CA', this.files.certificate, '-CAkey', this.files.key];
    await this.#request(name, subject, extensions, signer);
    return this.#filesOf(name);
  }

  /** Its own certificate, as PEM text. */
  certificate(): Promise<string> {
    return readFile(this.files.certificate, 'utf8');
  }

  async #request(
    name: string,
    subject: string,
    extensions: readonly string[],
    signer: readonly string[] = [],
  ): Promise<void> {
    const { certificate, key } = this.#filesOf(name);
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    await run('openssl', [
      ...['req', '-x509', '-days', '30', '-subj', subject, '-out', certificate],
      ...newKey,
      ...signer,
      ...added,
    ]);
  }

  #filesOf(name: string): CertificateFiles {
    return { certificate: join(this.#directory, `${name}.crt`), key: join(this.#directory, `${name}.key`) };
  }
}

export async function readCertificate({ certificate, key }: CertificateFiles): Promise<Certificate> {
  return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
}
