import type { VNode } from 'preact';
import type { ChannelLevel, PageSound, SoundFigure } from '../../crds/page-api.ts';
import { Chart } from './chart.ts';
import { html } from './html.ts';

/** Lowest level of the meters, in dBFS: what is quieter is hardly heard. */
const floor = -60;
/** Where programmes lie, in LUFS. */
const loudnessRange = [-50, -5] as const;

const figures: Readonly<Record<SoundFigure, readonly [name: string, unit: string]>> = {
  momentary: ['Momentary', 'LUFS'],
  shortTerm: ['Short-term', 'LUFS'],
  integrated: ['Integrated', 'LUFS'],
  range: ['Range', 'LU'],
  truePeak: ['True peak', 'dBTP'],
};

/** The level of each channel in the last second, and the loudness of the last minutes (EBU R 128). */
export function SoundCard({ sound, now }: { readonly sound: PageSound; readonly now: number }): VNode {
  const told = (Object.keys(figures) as SoundFigure[]).filter((name) => sound.figures[name] !== undefined);
  const { momentary, shortTerm } = sound;
  return html`
    ${sound.channels.length === 0 && html`<p class="quiet">No sound in the last seconds.</p>`}
    <ul class="channels">
      ${sound.channels.map((channel) => html`<${Meter} key=${channel.name} ...${channel} />`)}
    </ul>
    ${
      told.length > 0 &&
      html`
      <dl class="loudness">
        ${told.map((name) => {
          const [title, unit] = figures[name];
          return html`<div key=${name}><dt>${title}</dt><dd>${sound.figures[name]!.toFixed(1)} <small>${unit}</small></dd></div>`;
        })}
      </dl>
    `
    }
    ${
      shortTerm.values.length > 0 &&
      html`
      <${Chart}
        lines=${[{ recent: momentary, colour: '--line-strong' }, { recent: shortTerm, colour: '--accent' }]}
        levels=${[{ at: -23, colour: '--line' }]}
        range=${loudnessRange}
        height=${72}
        now=${now}
        label=${`Loudness in the last five minutes, from ${loudnessRange[0]} to ${loudnessRange[1]} LUFS`}
      />
      <p class="legend quiet" aria-hidden="true">
        <span class="key short-term"></span> short-term <span class="key momentary"></span> momentary, LUFS
      </p>
    `
    }
  `;
}

function Meter({ name, peak, rms }: ChannelLevel): VNode {
  const share = (level: number) => Math.min(100, Math.max(0, 100 * (1 - level / floor)));
  const words = peak <= -99 ? 'silent' : `peak ${peak.toFixed(1)} dBFS, mean ${rms.toFixed(1)} dBFS`;
  return html`
    <li class=${`channel ${peak >= -1 ? 'hot' : ''}`}>
      <span class="channel-name">${name}</span>
      <svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${`${name}: ${words}`}>
        <rect class="meter-base" width="100" height="8" />
        <rect class="meter-value" width=${share(rms)} height="8" />
        <rect class="meter-mark" x=${Math.max(0, share(peak) - 0.8)} width="0.8" height="8" />
      </svg>
      <span class="figure" aria-hidden="true">${peak <= -99 ? '−∞' : peak.toFixed(1)}</span>
    </li>
  `;
}
