import { expect, it } from 'vitest';
import { openFile } from '../../../monitor/ingress/file-resource.ts';

const request = { what: 'segment', signal: new AbortController().signal };

it.each(['file://other.example/etc/hostname', 'file:///a%2Fb', 'file:///a%00b', 'file:///none'])(
  'a local playlist that names %s names no file',
  async (uri) => {
    await expect(openFile(uri, request)).rejects.toMatchObject({ reason: 'NotFound' });
  },
);
