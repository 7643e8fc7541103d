import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withGeneratedPart } from '../../../docs/build/generated-part.ts';
import { guideFiles } from '../../../docs/build/guide-files.ts';

const guide = readFileSync(new URL('../../../docs/writing-a-detector.md', import.meta.url), 'utf8');

describe('the files of the guide', () => {
  it('are a detector, its test and its media case, under the name that is asked for', () => {
    const files = guideFiles(guide, 'too-dark');
    expect([...files.keys()]).toEqual([
      'monitor/detectors/too-dark.ts',
      'test/unit/detectors/too-dark.test.ts',
      'test/accuracy/injections/too-dark.ts',
    ]);
    const [detector, test] = [...files.values()];
    expect(detector).toContain("type: 'too-dark'");
    expect(detector).toContain("title: 'Too dark'");
    expect(test).toContain("import tooDark from '../../../monitor/detectors/too-dark.ts'");
    for (const text of files.values()) expect(text).not.toMatch(/low-?contrast/i);
  });

  it.each(['', 'Dark', 'too_dark', '2-dark', 'too--dark', 'd'.repeat(41)])(
    'are not written for "%s"',
    (name) => {
      expect(() => guideFiles(guide, name)).toThrow('cannot be the name of a detector');
    },
  );
});

it('a page without a place for what is generated is refused', () => {
  expect(() => withGeneratedPart('# Page', 'rows', 'x')).toThrow('lacks the comments');
  expect(withGeneratedPart('a\n<!-- rows: y -->\nold\n<!-- /rows -->\nb', 'rows', '$1')).toBe(
    'a\n<!-- rows: y -->\n\n$1\n\n<!-- /rows -->\nb',
  );
});
