import { z } from 'zod';
import { SecretError } from '../secrets/mounted-secrets.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const schema = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

/**
 * Reads credentials: JSON `{"accessKeyId", "secretAccessKey", "sessionToken"?}`, or an AWS shared credentials file
 * of which the profile `default` counts, else the first.
 * @throws SecretError saying what is missing, without any content
 */
export function parseS3Credentials(text: string): S3Credentials {
  const parsed = schema.safeParse(text.trimStart().startsWith('{') ? parseJson(text) : parseProfiles(text));
  if (!parsed.success) {
    const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new SecretError(
      `S3 credentials lack ${missing || 'everything'}: give JSON with accessKeyId and secretAccessKey, or an AWS credentials file`,
    );
  }
  const { accessKeyId, secretAccessKey, sessionToken } = parsed.data;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SecretError('S3 credentials begin like JSON but are not');
  }
}

function parseProfiles(text: string): unknown {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, profile] = /^\s*\[\s*(.+?)\s*\]/.exec(line) ?? [];
    const [, name, value] = /^\s*(aws_[a-z_]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (profile !== undefined) {
      current = {};
      profiles.set(profile, current);
    }
    if (current && name !== undefined && value !== undefined) current[name] = value;
  }
  const chosen = profiles.get('default') ?? [...profiles.values()][0];
  return {
    accessKeyId: chosen?.aws_access_key_id,
    secretAccessKey: chosen?.aws_secret_access_key,
    sessionToken: chosen?.aws_session_token,
  };
}
