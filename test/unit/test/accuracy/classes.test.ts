import { expect, test } from 'vitest';
import { classesIn } from '../../../accuracy/classes.ts';

const known = ['freeze', 'lost sound', 'lost sound, short', 'lost packets, random'];

test('classes are told apart by commas, which their names may have too', () => {
  expect(classesIn('lost sound, short,freeze', known)).toEqual(['lost sound, short', 'freeze']);
  expect(classesIn('lost sound,lost packets, random', known)).toEqual(['lost sound', 'lost packets, random']);
});

test('what is no class is named, with those that there are', () => {
  expect(() => classesIn('freeze,stills', known)).toThrow(
    '--class: "stills" is not a class; there are: freeze; lost sound; lost sound, short; lost packets, random',
  );
});
