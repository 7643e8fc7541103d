import { IngressError } from '../../../monitor/ingress/ingress.ts';
import {
  chooseRepresentations,
  parseDashManifest,
  publishTime,
  representationPlaylist,
} from '../../../monitor/ingress/segmented/dash-manifest.ts';
import { parseHlsPlaylist } from '../../../monitor/ingress/segmented/hls-playlist.ts';
import type { MediaPlaylist } from '../../../monitor/ingress/segmented/media-playlist.ts';
import {
  newsDue,
  reloadDelay,
  staleAfter,
  startSequence,
  step,
} from '../../../monitor/ingress/segmented/playlist-position.ts';
import { PlaylistWatch } from '../../../monitor/ingress/segmented/playlist-watch.ts';
import { chooseVariant } from '../../../monitor/ingress/segmented/rendition-choice.ts';
import type { Random } from '../../accuracy/random.ts';
import { damagedText, hostileNumber, hostileText } from '../mutations.ts';
import type { FuzzTarget } from '../target.ts';

const base = 'https://origin.example/live/index';

function hlsWords(random: Random): string[] {
  const [n, t] = [hostileNumber(random), hostileText(random)];
  return [
    ...[
      `#EXTINF:${n},${t}`,
      `#EXT-X-TARGETDURATION:${n}`,
      `#EXT-X-MEDIA-SEQUENCE:${n}`,
      `#EXT-X-BYTERANGE:${n}@${n}`,
    ],
    ...[`#EXT-X-DISCONTINUITY-SEQUENCE:${n}`, '#EXT-X-DISCONTINUITY', '#EXT-X-GAP', '#EXT-X-ENDLIST', t],
    ...[
      `#EXT-X-KEY:METHOD=AES-128,URI="${t}",IV=0x${n}`,
      `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${t}",KEYFORMAT="${t}"`,
    ],
    ...[`#EXT-X-MAP:URI="${t}",BYTERANGE="${n}@${n}"`, `#EXT-X-PART-INF:PART-TARGET=${n}`],
    ...[`#EXT-X-PART:DURATION=${n},URI="${t}",BYTERANGE="${n}@${n}"`, `#EXT-X-SKIP:SKIPPED-SEGMENTS=${n}`],
    ...[
      `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${t}",BYTERANGE-START=${n}`,
      `#EXT-X-DEFINE:NAME="${t}",VALUE="${t}"`,
    ],
    ...[`#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${n}`, `#EXT-X-PROGRAM-DATE-TIME:${n}`],
    ...['#EXT-X-PROGRAM-DATE-TIME:2036-11-29T00:00:00Z', `#EXT-X-PROGRAM-DATE-TIME:+275760-09-13T00:00:00Z`],
    ...[
      `#EXT-X-DATERANGE:ID="${t}",START-DATE="${n}",DURATION=${n},SCTE35-OUT=0x${n}`,
      `#EXT-X-CUE-OUT:${n}`,
    ],
    ...[
      `#EXT-X-CUE-OUT-CONT:${n}/${n}`,
      '#EXT-X-CUE-IN',
      `#EXT-X-STREAM-INF:BANDWIDTH=${n},RESOLUTION=${n}x${n},AUDIO="${t}"`,
    ],
    `#EXT-X-MEDIA:TYPE=${random.pick(['AUDIO', 'VIDEO', t])},GROUP-ID="${t}",NAME="${t}",URI="${t}",LANGUAGE="${t}"`,
  ];
}

/** Now and then one that is long rather than wrong. */
function hls(random: Random, sound: string): Buffer {
  const words = hlsWords(random);
  if (random.chance(0.003))
    return damagedText(random, `#EXTM3U\n${'#EXTINF:2,\na.ts\n'.repeat(100_000)}`, words);
  if (random.chance(0.02))
    return damagedText(random, `${sound}\n${`${random.pick(words)}\n`.repeat(2000)}`, words);
  return damagedText(random, random.chance(0.3) ? sound.replace('#EXT-X-ENDLIST', '') : sound, words);
}

function dashWords(random: Random): string[] {
  const [n, t] = [hostileNumber(random), hostileText(random)];
  return [
    ...[
      `<S t="${n}" d="${n}" r="${n}"/>`,
      `<BaseURL>${t}</BaseURL>`,
      `<Period start="PT${n}S" duration="P${n}Y">`,
    ],
    ...[
      `<SegmentTemplate timescale="${n}" duration="${n}" startNumber="${n}" media="${t}$Number%0${n}d$">`,
      '</Period>',
    ],
    ...[
      `<Representation id="${t}" bandwidth="${n}" width="${n}">`,
      `<AdaptationSet lang="${t}" contentType="audio">`,
    ],
    ...[
      '<a>'.repeat(2000),
      `<!DOCTYPE a [<!ENTITY a "${t}">]>`,
      '&a;',
      `<EventStream schemeIdUri="urn:scte:scte35:2013:bin" timescale="${n}">`,
    ],
    ...[
      `<Event presentationTime="${n}" duration="${n}">${t}</Event>`,
      `<SegmentBase indexRange="${n}-${n}"/>`,
      ']]>',
      '</MPD>',
    ],
  ];
}

function dash(random: Random, sound: string): Buffer {
  const text = damagedText(random, sound, dashWords(random)).toString();
  const dynamic = `type="dynamic" minimumUpdatePeriod="PT${hostileNumber(random)}S" availabilityStartTime="${random.pick(['1970-01-01T00:00:00Z', '2036-01-01T00:00:00Z', 'x'])}"`;
  const live = random.chance(0.4) ? text.replace('type="static"', dynamic) : text;
  const lasting = random.pick(['P10Y', 'PT0S', `PT${hostileNumber(random)}S`, '']);
  return Buffer.from(
    random.chance(0.4) ? live.replace(/(mediaPresentationDuration=")[^"]*/, `$1${lasting}`) : live,
  );
}

/** What the follower of a playlist works out of it. */
function follow(playlist: MediaPlaylist): void {
  const next = startSequence(playlist);
  if (next !== undefined) step(playlist, next);
  for (const each of [reloadDelay(playlist, true), reloadDelay(playlist, false), staleAfter(playlist)]) {
    // A longer timer than Node has ends at once, and so would a shorter one: a loop without pause.
    if (!(each >= 0 && each < 2 ** 31 / 1000)) throw new RangeError(`a wait of ${each} s`);
  }
  newsDue(playlist);
  const watch = new PlaylistWatch(playlist, 0);
  watch.loaded(playlist, 10);
  watch.loaded({ ...playlist, segments: playlist.segments.slice(1) }, 20);
  for (const { uri, range, duration } of playlist.segments) {
    if (!URL.canParse(uri)) throw new TypeError('an address that is none');
    if (!Number.isFinite(duration) || duration < 0) throw new RangeError(`a segment of ${duration} s`);
    void range;
  }
}

export const playlists: readonly FuzzTarget[] = [
  {
    name: 'hls',
    input: (random, samples) => hls(random, samples.hls),
    run: (input) => {
      const parsed = parseHlsPlaylist(input.toString(), base, input.length % 2 === 0);
      if (parsed.kind === 'media') follow(parsed.playlist);
      else
        for (const wish of ['highest', 'lowest', { maxHeight: 720 }] as const)
          chooseVariant(parsed.variants, wish);
    },
    allows: (error) => error instanceof IngressError,
  },
  {
    name: 'dash',
    input: (random, samples) => dash(random, samples.dash),
    run: (input) => {
      const text = input.toString();
      const first = parseDashManifest(text, base, Date.parse('2026-01-01'), { keyed: true });
      const again = parseDashManifest(text, base, Date.parse('2026-01-01T00:00:10Z'), {
        keyed: true,
        previous: first,
      });
      const { main, audio } = chooseRepresentations(again, { rendition: 'highest' });
      for (const id of audio === undefined ? [main] : [main, audio]) {
        const playlist = representationPlaylist(again, id, publishTime(text));
        follow(playlist);
      }
    },
    allows: (error) => error instanceof IngressError,
  },
];
