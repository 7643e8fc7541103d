/**
 * Addresses that no stream may lead to, however they are spelled. The names are those of `hosts`, as a name server of
 * the attacker would give them.
 */
export const hosts = {
  'metadata.example': '169.254.169.254',
  'inside.example': '10.77.0.1',
  'local.example': '127.0.0.1',
};

/** Addresses on which something listens within the namespace, and must hear nothing. */
export const inner = ['169.254.169.254', '10.77.0.1', '127.0.0.1', '::1', 'fd00:ec2::254'];

/** Of the attacker: an address that anyone may reach. */
export const outer = '93.184.216.34';

const path = '/latest/meta-data/';
export const targets: Readonly<Record<string, string>> = {
  literal: `http://169.254.169.254${path}`,
  decimal: `http://2852039166${path}`,
  hexadecimal: `http://0xA9FEA9FE${path}`,
  octal: `http://0251.0376.0251.0376${path}`,
  mapped: `http://[::ffff:169.254.169.254]${path}`,
  nat64: `http://[64:ff9b::a9fe:a9fe]${path}`,
  unique: `http://[fd00:ec2::254]${path}`,
  name: `http://metadata.example${path}`,
  inside: 'http://inside.example/admin',
  private: 'http://10.77.0.1/admin',
  loopback: 'http://127.1/',
  localhost: 'http://localhost/',
  loopback6: 'http://[::1]/',
  file: 'file:///etc/hostname',
  data: 'data:video/mp2t;base64,R0AAEA==',
};

const media = (...lines: string[]) => ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, ''].join('\n');
const mpd = (baseUrl: string, template: string) =>
  `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S">${baseUrl}<Period><AdaptationSet mimeType="video/mp4" contentType="video"><SegmentTemplate duration="2" startNumber="1" ${template}/><Representation id="v" bandwidth="1" width="64" height="36" codecs="avc1.42c00d"/></AdaptationSet></Period></MPD>`;

/** Places of playlists and manifests that name an address: what is served, by what is named. */
export const places: Readonly<Record<string, (target: string) => string>> = {
  segment: (target) => media('#EXTINF:2,', target, '#EXTINF:2,', target, '#EXT-X-ENDLIST'),
  key: (target) =>
    media(`#EXT-X-KEY:METHOD=AES-128,URI="${target}"`, '#EXTINF:2,', 'clip.ts', '#EXT-X-ENDLIST'),
  'sample-key': (target) =>
    media(`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${target}"`, '#EXTINF:2,', 'clip.ts', '#EXT-X-ENDLIST'),
  map: (target) => media(`#EXT-X-MAP:URI="${target}"`, '#EXTINF:2,', 'clip.ts', '#EXT-X-ENDLIST'),
  variable: (target) =>
    media(`#EXT-X-DEFINE:NAME="a",VALUE="${target}"`, '#EXTINF:2,', '{$a}', '#EXT-X-ENDLIST'),
  variant: (target) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${target}\n`,
  rendition: (target) =>
    `#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="${target}"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nclear.m3u8\n`,
  'base-url': (target) => mpd(`<BaseURL>${target}</BaseURL>`, 'media="s$Number$.m4s" initialization="i.mp4"'),
  'dash-segment': (target) => mpd('', `media="${target}" initialization="clip.ts"`),
  'dash-initialization': (target) => mpd('', `media="clip.ts" initialization="${target}"`),
};

/** Media that is a script to one reader or another: ffmpeg itself must not follow it. With a byte that is no text. */
export const scripts: Readonly<Record<string, string>> = {
  concat: "\x01\nffconcat version 1.0\nfile 'tcp://169.254.169.254:80'\n",
  hls: '\x01\n#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://169.254.169.254/\n#EXT-X-ENDLIST\n',
  sdp: 'v=0\r\no=- 0 0 IN IP4 169.254.169.254\r\ns=\x01\r\nc=IN IP4 169.254.169.254\r\nt=0 0\r\nm=video 80 RTP/AVP 96\r\n',
  dash: `\x01${mpd('<BaseURL>http://169.254.169.254/</BaseURL>', 'media="a"')}`,
};
