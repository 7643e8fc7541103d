import type { VNode } from 'preact';
import type { PageTile } from '../../crds/page-api.ts';
import { type Condition, conditionLabels, conditionOf, conditions } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import type { View } from './view.ts';

/** Shown although no stream is in them: what a person asks a wall first. */
const always: readonly Condition[] = ['down', 'critical', 'warning', 'good'];

interface ToolbarProps {
  readonly streams: readonly PageTile[];
  readonly view: View;
  readonly change: (change: Partial<View>) => void;
}

/** Filter, search and layout of the wall. */
export function Toolbar({ streams, view, change }: ToolbarProps): VNode {
  const counts = new Map<Condition, number>();
  for (const stream of streams) {
    const condition = conditionOf(stream);
    counts.set(condition, (counts.get(condition) ?? 0) + 1);
  }
  const offered = conditions.filter(
    (condition) => always.includes(condition) || counts.has(condition) || view.condition === condition,
  );
  return html`
    <div class="toolbar">
      <div class="filters" role="group" aria-label="Filter by state">
        <button
          class="filter"
          aria-pressed=${view.condition === undefined ? 'true' : 'false'}
          onClick=${() => change({ condition: undefined })}
        >
          All <b>${streams.length}</b>
        </button>
        ${offered.map(
          (condition) => html`
            <button
              key=${condition}
              class=${`filter ${condition} ${counts.has(condition) ? '' : 'none'}`}
              aria-pressed=${view.condition === condition ? 'true' : 'false'}
              onClick=${() => change({ condition: view.condition === condition ? undefined : condition })}
            >
              <${Icon} name=${condition} />${conditionLabels[condition]} <b>${counts.get(condition) ?? 0}</b>
            </button>
          `,
        )}
      </div>
      <div class="tools">
        <label class="search">
          <${Icon} name="search" />
          <input
            id="search"
            type="search"
            placeholder="Search streams"
            aria-label="Search streams by name, monitor or defect"
            autocomplete="off"
            spellcheck=${false}
            value=${view.search}
            onInput=${(event: InputEvent) => change({ search: (event.target as HTMLInputElement).value })}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <${Choice}
          label="Order"
          value=${view.order}
          options=${[['problems', 'Problems first'], ['name', 'By name']]}
          choose=${(order: View['order']) => change({ order })}
        />
        <${Choice}
          label="Tile size"
          value=${view.size}
          options=${[['small', 'Small tiles'], ['medium', 'Medium tiles'], ['large', 'Large tiles']]}
          choose=${(size: View['size']) => change({ size })}
        />
      </div>
    </div>
  `;
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly choose: (value: string) => void;
}

function Choice({ label, value, options, choose }: ChoiceProps): VNode {
  return html`
    <select
      class="choice"
      aria-label=${label}
      value=${value}
      onChange=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
    >
      ${options.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${text}</option>`)}
    </select>
  `;
}
