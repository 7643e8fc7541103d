import { answers } from './targets/answers.ts';
import { containers } from './targets/containers.ts';
import { documents } from './targets/documents.ts';
import { playlists } from './targets/playlists.ts';

export const targets = [...containers, ...playlists, ...documents, ...answers];
