import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { OperatorHealth } from '../../../operator/server/operator-health.ts';
import { operatorServer } from '../../../operator/server/operator-server.ts';

const healths: OperatorHealth[] = [];

function health(...[watches, limits]: ConstructorParameters<typeof OperatorHealth>): OperatorHealth {
  const made = new OperatorHealth(watches, limits);
  healths.push(made);
  return made;
}

afterEach(() => {
  for (const made of healths.splice(0)) made.stop();
});

describe('operatorServer', () => {
  it('serves metrics and probes, and says what is amiss', async () => {
    const metrics = new Registry();
    new Gauge({ name: 'streammonitor_operator_leader', help: 'Leads.', registers: [metrics] }).set(1);
    let problem: string | undefined;
    const server = await operatorServer({
      metrics,
      unhealthy: () => problem,
      notReady: () => 'not listed yet: pods',
      shards: () => [],
      logger: pino({ level: 'silent' }),
    });
    const get = (url: string) => server.inject({ method: 'GET', url });
    expect((await get('/metrics')).body).toContain('streammonitor_operator_leader 1');
    expect((await get('/metrics')).headers['content-type']).toContain('text/plain; version=0.0.4');
    expect((await get('/healthz')).statusCode).toBe(200);
    problem = 'watches are stuck: pods';
    expect(await get('/healthz')).toMatchObject({
      statusCode: 503,
      body: '{"status":"watches are stuck: pods"}',
    });
    expect(await get('/readyz')).toMatchObject({
      statusCode: 503,
      body: '{"status":"not listed yet: pods"}',
    });
    expect((await server.inject({ method: 'POST', url: '/healthz' })).statusCode).toBe(405);
    await server.close();
  });
});

describe('OperatorHealth', () => {
  const sound = { isSynced: true, lastEventAge: 55 };
  const stuck = { isSynced: true, lastEventAge: 601 };

  it('is ready when all resources were listed', () => {
    expect(health(() => ({ pods: sound })).notReady()).toBeUndefined();
    const pods = { isSynced: false, lastEventAge: 1 };
    expect(health(() => ({ pods, nodes: sound })).notReady()).toBe('not listed yet: pods');
  });

  it('is unhealthy when one watch hears nothing for long, and not when the API server is away', () => {
    expect(health(() => ({ pods: sound, nodes: sound })).unhealthy()).toBeUndefined();
    expect(health(() => ({ pods: stuck, nodes: sound })).unhealthy()).toBe('watches are stuck: pods');
    expect(health(() => ({ pods: stuck, nodes: stuck })).unhealthy()).toBeUndefined();
    const unlisted = { isSynced: false, lastEventAge: 900 };
    expect(health(() => ({ pods: unlisted, nodes: sound })).unhealthy()).toBeUndefined();
  });

  it('is unhealthy for a minute after nothing could run for long', async () => {
    const watched = health(() => ({ pods: sound }), { pause: 0.4 });
    const pause = (ms: number) => new Promise((settle) => setTimeout(settle, ms));
    await pause(50);
    expect(watched.unhealthy()).toBeUndefined();
    const until = performance.now() + 600;
    while (performance.now() < until);
    await pause(1);
    expect(watched.unhealthy()).toBe('nothing ran for too long within the last minute');
    expect(watched.unhealthy()).toBe('nothing ran for too long within the last minute');
  });
});
