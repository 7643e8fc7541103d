import { expect, it } from 'vitest';
import { secretNamesOf } from '../../../crds/secret-names.ts';

const reference = (name: string) => ({ secretKeyRef: { name, key: 'key' } });

it('names every Secret of streams, receivers and results once, sorted', () => {
  const spec = {
    notifications: [
      { webhook: { urlFrom: reference('g'), secretFrom: reference('f'), headersFrom: reference('e') } },
      { webhook: { secretFrom: reference('a') } },
      { alertmanager: { urlFrom: reference('h'), headersFrom: reference('i') } },
    ],
    actions: [{ webhook: { url: 'https://router.example/', secretFrom: reference('j') } }],
    results: { s3: { credentialsFrom: reference('d') } },
  };
  const streams = [
    { urlFrom: reference('c'), headersFrom: reference('b') },
    {
      headersFrom: reference('c'),
      decryption: { keyFrom: reference('h') },
      reference: { urlFrom: reference('i'), headersFrom: reference('j') },
    },
    {},
  ];
  expect(secretNamesOf(spec, streams)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  expect(secretNamesOf({ notifications: [], actions: [] }, [])).toEqual([]);
});
