import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HandOver } from '../../../crds/assignment.ts';
import type { Incident } from '../../../crds/incident.ts';
import type { ShardReport } from '../../../crds/shard-report.ts';
import { advanceMoves } from '../../../operator/planner/advance-moves.ts';
import type { Placement, ShardHealth, ShardState } from '../../../operator/planner/shard-state.ts';
import { shardReport, streamReport } from './simulated-pools.ts';

const now = Date.UTC(2026, 0, 1);
const pair = { monitor: 'live/sports', name: 's-1', detectors: ['black', 'freeze'] };
const placement = (role: Placement['role'], overrides: Partial<Placement> = {}): Placement => ({
  ...pair,
  cost: 100,
  role,
  generation: 3,
  since: now - 60_000,
  reason: 'test',
  ...overrides,
});
/** A shard of generation 4 that has `stream`, and has reported `said` under `generation`. */
const shard = (
  name: string,
  stream: Placement | undefined,
  said?: Partial<ShardReport['streams'][number]>,
  { generation = 4, health = 'Ready' as ShardHealth } = {},
): ShardState => ({
  name,
  pool: 'a',
  health,
  generation: 4,
  placements: stream ? [stream] : [],
  ...(said && {
    report: shardReport(
      name,
      generation,
      [
        {
          ...streamReport(pair, stream?.role ?? 'owner', true, now),
          ...said,
        } as ShardReport['streams'][number],
      ],
      now,
    ),
  }),
});
const rolesAfter = (...shards: ShardState[]) =>
  Object.fromEntries(advanceMoves(shards).map(({ name, placements }) => [name, placements[0]?.role]));
const incident = (id: string, state: Incident['state']): Incident => ({
  id,
  revision: 1,
  state,
  namespace: 'live',
  monitor: 'sports',
  stream: 's-1',
  detector: 'black',
  kind: 'black',
  severity: 'critical',
  start: 1,
  startTime: '2026-01-01T00:00:00Z',
  openedAt: '2026-01-01T00:00:01Z',
  score: 1,
  confidence: 1,
});

describe('a warming target', () => {
  const source = shard('a-0', placement('owner'), {});

  it('lets the source be demoted once it has analysed a frame', () => {
    const target = shard('a-1', placement('warming', { from: 'a-0' }), {});
    const [demoted, warming] = advanceMoves([source, target]);
    expect(demoted!.placements).toEqual([{ ...placement('owner'), role: 'demoted', generation: 5 }]);
    expect(warming).toBe(target);
  });

  it.each([
    ['has not reported', shard('a-1', placement('warming'))],
    ['has no frame yet', shard('a-1', placement('warming'), { firstFrameTime: undefined })],
    ['reports an earlier assignment', shard('a-1', placement('warming'), {}, { generation: 2 })],
    ['reports another stream', shard('a-1', placement('warming'), { name: 's-2' })],
    ['reports other detectors', shard('a-1', placement('warming'), { detectors: ['black'] })],
    ['reports another role', shard('a-1', placement('warming'), { role: 'demoted' })],
    ['does not answer', shard('a-1', placement('warming'), {}, { health: 'Unknown' })],
    ['is lost', shard('a-1', placement('warming'), {}, { health: 'Lost' })],
    ['is drained', shard('a-1', placement('warming'), {}, { health: 'Draining' })],
  ])('keeps waiting when it %s', (_, target) => {
    expect(rolesAfter(source, target)).toEqual({ 'a-0': 'owner', 'a-1': 'warming' });
  });

  it('reports its detectors in any order', () => {
    const target = shard('a-1', placement('warming'), { detectors: ['freeze', 'black'] });
    expect(rolesAfter(source, target)).toEqual({ 'a-0': 'demoted', 'a-1': 'warming' });
  });

  it('is not waited for to get a frame where the source gets none', () => {
    const dark = shard('a-0', placement('owner'), { phase: 'Down', reason: 'Unreachable' });
    const target = shard('a-1', placement('warming'), { phase: 'Starting', firstFrameTime: undefined });
    expect(rolesAfter(dark, target)).toEqual({ 'a-0': 'demoted', 'a-1': 'warming' });
    expect(rolesAfter(dark, shard('a-1', placement('warming')))).toEqual({
      'a-0': 'owner',
      'a-1': 'warming',
    });
  });

  it('is waited for while the source itself is only starting: it may have media before the target', () => {
    const starting = shard('a-0', placement('owner'), {
      phase: 'Starting',
      reason: 'Connecting',
      firstFrameTime: undefined,
    });
    const target = shard('a-1', placement('warming'), { phase: 'Starting', firstFrameTime: undefined });
    expect(rolesAfter(starting, target)).toEqual({ 'a-0': 'owner', 'a-1': 'warming' });
    expect(rolesAfter(starting, shard('a-1', placement('warming'), {}))).toEqual({
      'a-0': 'demoted',
      'a-1': 'warming',
    });
  });

  it('keeps waiting while the source does not answer: nobody would speak', () => {
    const target = shard('a-1', placement('warming'), {});
    const silent = shard('a-0', placement('owner'), {}, { health: 'Unknown' });
    expect(rolesAfter(silent, target)).toEqual({ 'a-0': 'owner', 'a-1': 'warming' });
  });

  it('replaces a lost source at once, in two steps', () => {
    const lost = shard('a-0', placement('owner'), {}, { health: 'Lost' });
    const first = advanceMoves([lost, shard('a-1', placement('warming'))]);
    expect(first.map(({ placements }) => placements[0]!.role)).toEqual(['demoted', 'warming']);
    const second = advanceMoves(first);
    expect(second.map(({ placements }) => placements[0]!.role)).toEqual(['demoted', 'owner']);
    const third = advanceMoves(second);
    expect(third.map(({ placements }) => placements[0]?.role)).toEqual([undefined, 'owner']);
  });
});

describe('a demoted source', () => {
  const target = shard('a-1', placement('warming', { from: 'a-0' }), {});

  it('hands over what its report holds', () => {
    const said = {
      role: 'demoted' as const,
      watermarkTime: '2026-01-01T00:00:05Z',
      openIncidents: [incident('0b8f4f0e-4d8e-4a55-9df3-4dfb0ac4b0f1', 'open')],
      closedIncidents: [incident('0b8f4f0e-4d8e-4a55-9df3-4dfb0ac4b0f2', 'closed')],
      actionTimes: { switch: '2026-01-01T00:00:03Z' },
    };
    const [source, owner] = advanceMoves([shard('a-0', placement('demoted'), said), target]);
    expect(source!.placements[0]!.role).toBe('demoted');
    expect(owner!.placements).toEqual([
      placement('owner', {
        from: 'a-0',
        generation: 5,
        adopt: {
          from: 'a-0',
          watermarkTime: said.watermarkTime,
          incidents: [...said.openIncidents, ...said.closedIncidents],
          actionTimes: said.actionTimes,
        },
      }),
    ]);
  });

  it.each([
    ['has not reported', shard('a-0', placement('demoted'))],
    ['still takes itself for the owner', shard('a-0', placement('demoted'), { role: 'owner' })],
    ['reports an earlier assignment', shard('a-0', placement('demoted'), {}, { generation: 2 })],
  ])('is waited for while it %s', (_, source) => {
    expect(rolesAfter(source, target)).toEqual({ 'a-0': 'demoted', 'a-1': 'warming' });
  });

  it('hands nothing over where it never reported and is lost', () => {
    const [, owner] = advanceMoves([
      shard('a-0', placement('demoted'), undefined, { health: 'Lost' }),
      target,
    ]);
    expect(owner!.placements[0]).toMatchObject({ role: 'owner' });
    expect(owner!.placements[0]).not.toHaveProperty('adopt');
  });

  it('passes on what it was to adopt when it was lost before it took over', () => {
    const adopt: HandOver = { from: 'a-9', watermarkTime: '2026-01-01T00:00:05Z', incidents: [] };
    const lost = (said?: Partial<ShardReport['streams'][number]>) =>
      shard('a-0', placement('demoted', { adopt }), said, { health: 'Lost' });
    const adoptedFrom = (source: ShardState) => advanceMoves([source, target])[1]!.placements[0]!.adopt?.from;
    expect(adoptedFrom(lost())).toBe('a-9');
    expect(adoptedFrom(lost({ role: 'warming' }))).toBe('a-9');
    expect(adoptedFrom(lost({ role: 'owner', watermarkTime: '2026-01-01T00:00:04Z' }))).toBe('a-9');
    expect(adoptedFrom(lost({ role: 'owner', watermarkTime: '2026-01-01T00:00:06Z' }))).toBe('a-0');
  });
});

describe('a promoted target', () => {
  const adopt: HandOver = { from: 'a-0', watermarkTime: '2026-01-01T00:00:05Z', incidents: [] };
  const source = shard('a-0', placement('demoted'), {});

  it('ends the move once it says that it is the owner', () => {
    const [before, after] = advanceMoves([
      source,
      shard('a-1', placement('owner', { from: 'a-0', adopt }), {}),
    ]);
    expect(before!.placements).toEqual([]);
    expect(after!.placements).toEqual([placement('owner', { from: 'a-0' })]);
  });

  it('keeps its source until then', () => {
    const target = shard('a-1', placement('owner', { from: 'a-0', adopt }), { role: 'warming' });
    expect(advanceMoves([source, target])).toEqual([source, target]);
  });

  it('keeps its source when it is lost', () => {
    const target = shard('a-1', placement('owner', { from: 'a-0', adopt }), {}, { health: 'Lost' });
    expect(advanceMoves([source, target])).toEqual([source, target]);
  });

  it('is done with adopting when its source is gone', () => {
    const [after] = advanceMoves([shard('a-1', placement('owner', { from: 'a-0', adopt }), {})]);
    expect(after!.placements).toEqual([placement('owner', { from: 'a-0' })]);
  });
});

describe('advanceMoves', () => {
  const role = fc.constantFrom<Placement['role']>('owner', 'warming', 'demoted');
  const anyShard = (name: string) =>
    fc
      .record({
        role: fc.option(role),
        said: fc.option(fc.record({ role, phase: fc.constantFrom('Up' as const, 'Down' as const) })),
        generation: fc.constantFrom(2, 4),
        health: fc.constantFrom<ShardHealth>('Starting', 'Ready', 'Unknown', 'Draining', 'Lost'),
      })
      .map((drawn) =>
        shard(name, drawn.role ? placement(drawn.role) : undefined, drawn.said ?? undefined, {
          generation: drawn.generation,
          health: drawn.health,
        }),
      );
  const names = ['a-0', 'a-1', 'a-2'];

  it('makes nobody an owner beside another, and takes no owner away without one to follow', () => {
    fc.assert(
      fc.property(fc.tuple(...names.map(anyShard)), (shards) => {
        const owners = (among: readonly ShardState[]) =>
          among.filter(({ placements }) => placements[0]?.role === 'owner').map(({ name }) => name);
        const [before, after] = [owners(shards), owners(advanceMoves(shards))];
        if (before.length > 0) expect(before).toEqual(expect.arrayContaining(after));
        else expect(after.length).toBeLessThanOrEqual(1);
        for (const lost of before.filter((name) => !after.includes(name))) {
          expect(
            shards.some(({ name, placements }) => name !== lost && placements[0]?.role === 'warming'),
          ).toBe(true);
        }
      }),
    );
  });

  it('gives the same whatever the order of the shards', () => {
    fc.assert(
      fc.property(fc.tuple(...names.map(anyShard)), (shards) => {
        expect(advanceMoves(shards.toReversed())).toEqual(advanceMoves(shards).toReversed());
      }),
    );
  });

  it('leaves alone what does not move', () => {
    const shards = [shard('a-0', placement('owner'), {}), shard('a-1', undefined)];
    expect(advanceMoves(shards)).toEqual(shards);
  });
});
