import { describe, expect, it } from 'vitest';
import { plain } from '../../../monitor/actions/action-answer.ts';

describe('plain', () => {
  it.each([
    ['switched to backup B (2 of 3)', 'switched to backup B (2 of 3)'],
    ['  läuft\nwieder\t… ', 'läuft wieder …'],
    ['<script>alert(1)</script>', 'script alert(1) script'],
    ['see https://user:pw@host/x?token=abc now', 'see … now'],
    ['mail ops@example.org', 'mail …'],
    ['asked router.example/switch and 10.0.0.1/x', 'asked … and …'],
    ['input 2 of router.example', 'input 2 of …'],
    ['token sk_live_9f8A7b6C5d4E3f2', 'token …'],
    ['done at 20:15:03.250, input B2', 'done at 20:15:03.250, input B2'],
    ['token=abc123 done', '… done'],
    ['ok eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', 'ok …'],
    ['\u0000\u001b[31m', '31m'],
    ['', undefined],
    [' \n', undefined],
    [42, undefined],
    [{ a: 1 }, undefined],
  ])('makes %j into %j', (text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  it('is at most 100 characters', () => {
    expect(plain('word '.repeat(100))).toHaveLength(100);
    expect([...plain('😀 é '.repeat(200))!].length).toBeLessThanOrEqual(100);
  });
});
