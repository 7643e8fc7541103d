import { describe, expect, it } from 'vitest';
import { parseS3Credentials } from '../../../monitor/results/s3-credentials.ts';

const expected = { accessKeyId: 'AKIA', secretAccessKey: 'abc/+=' };

describe('parseS3Credentials', () => {
  it('reads JSON and AWS credentials files', () => {
    expect(parseS3Credentials(JSON.stringify(expected))).toEqual(expected);
    const profile = (name: string, id: string) =>
      `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key=abc/+=\n`;
    expect(parseS3Credentials(profile('default', 'AKIA'))).toEqual(expected);
    expect(parseS3Credentials(profile('other', 'WRONG') + profile('default', 'AKIA'))).toEqual(expected);
    expect(parseS3Credentials(`# comment\r\n${profile('only', 'AKIA')}aws_session_token = t\r\n`)).toEqual({
      ...expected,
      sessionToken: 't',
    });
  });

  it.each([
    ['{"accessKeyId": "AKIA"}', /secretAccessKey/],
    ['{"accessKeyId": "AKIA", ', /not/],
    ['AKIA:abc', /accessKeyId, secretAccessKey/],
    ['[default]\naws_access_key_id = AKIA', /secretAccessKey/],
  ])('tells what is wrong with %s', (text, message) => {
    expect(() => parseS3Credentials(text)).toThrow(message);
    expect(() => parseS3Credentials(text)).not.toThrow(/AKIA/);
  });
});
