import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { KubeClient } from '../../operator/kube/kube-client.ts';
import { loadKubeConfig } from '../../operator/kube/kube-config.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import type { Lease } from '../../operator/kube/lease.ts';
import { LeaseElection, type LeaseElectionOptions } from '../../operator/kube/lease-election.ts';
import type { ApiCall } from './cluster/api-call.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';

/** All that an election needs; names cannot be given for `create`. */
const account = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: elector, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: elector, namespace: default}
rules:
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: elector, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: elector}
subjects: [{kind: ServiceAccount, name: elector, namespace: default}]
`;
const elector = { namespace: 'default', name: 'elector' };
const times = { leaseDuration: 3, renewDeadline: 2, retryPeriod: 0.3 };
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let cluster: ControlPlane;
let proxy: FaultProxy;
let kubeconfig: string;
let connections: { direct: KubeConnection; proxied: KubeConnection };
let polls = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false, manifests: account });
  proxy = await startFaultProxy(cluster);
  kubeconfig = await cluster.kubeconfigFor(elector);
  connections = {
    direct: loadKubeConfig({ path: kubeconfig }),
    proxied: loadKubeConfig({ path: await proxy.kubeconfigFor(elector) }),
  };
});

afterAll(async () => {
  await connections?.direct.close();
  await connections?.proxied.close();
  await proxy?.stop();
  await cluster?.stop();
});

/** A member of an election, with what it said and when. */
class Member {
  readonly election: LeaseElection;
  readonly log: Record<string, unknown>[] = [];
  acquiredAt: number | undefined;
  lostAt: number | undefined;
  lost: string | undefined;
  ended = false;

  constructor(
    connection: KubeConnection,
    options: Pick<LeaseElectionOptions, 'name' | 'identity'> & Partial<LeaseElectionOptions>,
  ) {
    const client = new KubeClient(connection, {
      userAgent: 'test',
      fieldManager: 'test',
      qps: 50,
      burst: 50,
    });
    this.election = new LeaseElection(client, {
      namespace: 'default',
      ...times,
      logger: pino({}, { write: (line: string) => this.log.push(JSON.parse(line)) }),
      onAcquired: () => {
        this.acquiredAt = performance.now();
      },
      onLost: (reason) => {
        this.lostAt = performance.now();
        this.lost = reason;
      },
      ...options,
    });
    void this.election.run().then(() => {
      this.ended = true;
    });
  }
}

function leads(member: Member, seconds = 10): Promise<void> {
  return vi.waitFor(() => expect(member.election.isLeader).toBe(true), {
    timeout: seconds * 1000,
    interval: 10,
  });
}

/** A member in a process of its own. */
class MemberProcess {
  readonly told: { event: string; isLeader: boolean }[] = [];
  readonly child: ChildProcess;

  constructor(identity: string, name: string) {
    const script = fileURLToPath(new URL('./elector-process.ts', import.meta.url));
    const options = JSON.stringify({ namespace: 'default', name, identity, ...times });
    this.child = spawn(process.execPath, [script, kubeconfig, options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.child.stdout!).on('line', (line) => this.told.push(JSON.parse(line)));
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  block(milliseconds: number): void {
    this.child.stdin!.write(`${milliseconds}\n`);
  }

  async says(event: string): Promise<void> {
    await vi.waitFor(() => expect(this.told.map((line) => line.event)).toContain(event), { timeout: 20_000 });
  }
}

/** An election of its own, that ends with its test. */
class Poll {
  readonly name = `lease-${++polls}`;
  readonly #onEnd: (end: () => Promise<void>) => void;
  readonly #collection = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

  constructor({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
    this.#onEnd = onTestFinished;
  }

  join(
    identity: string,
    options: Partial<LeaseElectionOptions> = {},
    connection = connections.direct,
  ): Member {
    const member = new Member(connection, { name: this.name, identity, ...options });
    this.#onEnd(() => member.election.stop({ release: false }));
    return member;
  }

  joinThroughProxy(identity: string): Member {
    return this.join(identity, {}, connections.proxied);
  }

  start(identity: string): MemberProcess {
    const member = new MemberProcess(identity, this.name);
    this.#onEnd(() => member.kill());
    return member;
  }

  isRenewal = ({ verb, name }: ApiCall) => verb === 'update' && name === this.name;

  lease(): Promise<Lease> {
    return cluster.api.json('GET', `${this.#collection}/${this.name}`);
  }

  place(spec: unknown): Promise<unknown> {
    return cluster.api.json('POST', this.#collection, { metadata: { name: this.name }, spec });
  }

  change(spec: unknown): Promise<unknown> {
    return cluster.api.json('PATCH', `${this.#collection}/${this.name}`, { spec });
  }

  delete(): Promise<unknown> {
    return cluster.api.json('DELETE', `${this.#collection}/${this.name}`);
  }
}

describe('LeaseElection', () => {
  it.concurrent('is not kept out for good by a holder that is gone and asked for years', async (context) => {
    const poll = new Poll(context);
    await poll.place({ holderIdentity: 'gone', leaseDurationSeconds: 2 ** 31 - 1 });
    const begun = performance.now();
    const member = poll.join('member', { leaseDuration: 1, renewDeadline: 0.7, retryPeriod: 0.2 });
    await leads(member, 15);
    expect(member.acquiredAt! - begun).toBeGreaterThan(10_000);
  });

  it.concurrent('has one leader; another follows at once when it stops and releases', async (context) => {
    const poll = new Poll(context);
    const first = poll.join('first');
    await leads(first);
    const second = poll.join('second');
    await sleep(2 * times.leaseDuration * 1000);
    expect([first.election.isLeader, second.election.isLeader]).toEqual([true, false]);
    expect(second.election.holder).toBe('first');
    const held = await poll.lease();
    expect(held.spec).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 3 });
    expect(held.spec!.renewTime).toMatch(microTime);
    expect(held.spec!.renewTime! > held.spec!.acquireTime!).toBe(true);

    const stoppedAt = performance.now();
    await first.election.stop({ release: true });
    expect(first.election.isLeader).toBe(false);
    await leads(second);
    expect(second.acquiredAt! - stoppedAt).toBeLessThan(1000);
    expect(first).toMatchObject({ ended: true, lost: undefined });
    const taken = (await poll.lease()).spec!;
    expect(taken.holderIdentity).toBe('second');
    expect(taken.leaseTransitions).toBe(held.spec!.leaseTransitions! + 1);
  });

  it.concurrent('stays with whom it was without a release until it ends', async (context) => {
    const poll = new Poll(context);
    const first = poll.join('first');
    await leads(first);
    const second = poll.join('second');
    await vi.waitFor(() => expect(second.election.holder).toBe('first'));
    const stoppedAt = performance.now();
    await first.election.stop({ release: false });
    await leads(second);
    expect(second.acquiredAt! - stoppedAt).toBeGreaterThan(
      (times.leaseDuration - times.retryPeriod - 0.1) * 1000,
    );
  });

  it.concurrent('goes over when the leading process is killed, not before its lease ended', async (context) => {
    const poll = new Poll(context);
    const first = poll.start('first');
    await first.says('acquired');
    const second = poll.join('second');
    await sleep(1000);
    await first.kill();
    const killedAt = performance.now();
    await leads(second);
    const seconds = (second.acquiredAt! - killedAt) / 1000;
    expect(seconds).toBeGreaterThan(times.leaseDuration - times.retryPeriod * 1.2 - 0.1);
    expect(seconds).toBeLessThan(times.leaseDuration + 2 * times.retryPeriod + 0.5);
  });

  it.concurrent('has a leader step down in time whose calls hang, or arrive without an answer', async (context) => {
    const poll = new Poll(context);
    const first = poll.joinThroughProxy('first');
    await leads(first);
    const second = poll.join('second');
    await sleep(500);
    const remove = proxy.inject({ matches: poll.isRenewal, fault: { kind: 'hang' } });
    await leads(second);
    remove();
    expect(first.lostAt!).toBeLessThan(second.acquiredAt!);
    await second.election.stop({ release: true });

    const third = poll.joinThroughProxy('third');
    await leads(third);
    // A hung call is given up in time for another one.
    proxy.inject({
      matches: poll.isRenewal,
      fault: { kind: 'hang', reaches: true },
      times: 1,
    });
    await sleep(2 * times.renewDeadline * 1000);
    expect(third.election.isLeader).toBe(true);
    expect(third.lost).toBeUndefined();
  });

  it.concurrent('does not claim to lead after its event loop was blocked for longer than the deadline', async (context) => {
    const poll = new Poll(context);
    const first = poll.start('first');
    await first.says('acquired');
    const second = poll.join('second');
    first.block(5000);
    await leads(second);
    await first.says('blocked');
    await vi.waitFor(() => expect(first.told.at(-1)!.event).toMatch(/^lost/), { timeout: 5000 });
    expect(first.told.slice(1).map(({ isLeader }) => isLeader)).toEqual([false, false]);
    expect(second.election.isLeader).toBe(true);
  });

  it.concurrent('steps down after a block even where nobody followed, and goes on after a short one', async (context) => {
    const poll = new Poll(context);
    const first = poll.start('first');
    await first.says('acquired');
    first.block(1000);
    await first.says('blocked');
    await sleep(2500);
    expect(first.told.at(-1)).toEqual({ event: 'blocked', isLeader: true });
    first.block(2500);
    await vi.waitFor(() => expect(first.told.at(-1)!.event).toMatch(/^lost/), { timeout: 5000 });
    expect(first.told.slice(-2).map(({ isLeader }) => isLeader)).toEqual([false, false]);
  });

  it.concurrent.for([
    ['an hour behind', -3600],
    ['an hour ahead', 3600],
  ] as const)('does not mind that the clock of the leader is %s', async ([, skew], context) => {
    const poll = new Poll(context);
    const renewTime = () => new Date(Date.now() + skew * 1000).toISOString().replace('Z', '000Z');
    await poll.place({ holderIdentity: 'other', leaseDurationSeconds: 3, renewTime: renewTime() });
    const member = poll.join('member');
    for (let renewals = 0; renewals < 15; renewals++) {
      await sleep(300);
      await poll.change({ renewTime: renewTime() });
    }
    expect(member.acquiredAt).toBeUndefined();
    const silentSince = performance.now();
    await leads(member);
    expect(member.acquiredAt! - silentSince).toBeGreaterThan(times.leaseDuration * 1000 - 50);
    expect(member.acquiredAt! - silentSince).toBeLessThan(5000);
  });

  it.concurrent('has one of many that begin together lead', async (context) => {
    for (let round = 0; round < 3; round++) {
      const poll = new Poll(context);
      const members = ['a', 'b', 'c', 'd', 'e'].map((identity) => poll.join(identity));
      await vi.waitFor(() => expect(members.some(({ election }) => election.isLeader)).toBe(true));
      await sleep(1000);
      expect(members.filter(({ acquiredAt }) => acquiredAt !== undefined)).toHaveLength(1);
    }
  });

  it.concurrent('goes on after conflicts while it holds the lease, and steps down when another holds it', async (context) => {
    const poll = new Poll(context);
    const first = poll.joinThroughProxy('first');
    await leads(first);
    await cluster.kubectl(['label', 'lease', poll.name, 'seen-by=somebody']);
    proxy.inject({
      matches: poll.isRenewal,
      fault: { kind: 'answer', status: 409 },
      times: 3,
    });
    // The server did what it then says failed: the next try meets a version of its own making.
    proxy.inject({
      matches: poll.isRenewal,
      fault: { kind: 'answer', status: 500, reaches: true },
      times: 2,
    });
    await sleep(4000);
    expect(first.election.isLeader).toBe(true);
    expect((await poll.lease()).metadata.labels).toEqual({ 'seen-by': 'somebody' });

    await poll.change({ holderIdentity: 'usurper' });
    await vi.waitFor(() => expect(first.lost).toBe('the lease is held by usurper'), { timeout: 1000 });
    expect(first.election.isLeader).toBe(false);
    expect((await poll.lease()).spec!.holderIdentity).toBe('usurper');
  });

  it.concurrent('keeps leading when its lease is deleted; a standby that saw it waits', async (context) => {
    const poll = new Poll(context);
    const first = poll.join('first');
    await leads(first);
    const standbys = ['b', 'c', 'd'].map((identity) => poll.join(identity));
    await vi.waitFor(() => {
      for (const { election } of standbys) expect(election.holder).toBe('first');
    });
    for (let times = 0; times < 6; times++) {
      await poll.delete();
      await sleep(700);
    }
    expect(first.election.isLeader).toBe(true);
    expect(standbys.filter(({ acquiredAt }) => acquiredAt !== undefined)).toEqual([]);
    expect((await poll.lease()).spec!.holderIdentity).toBe('first');
  });

  it.concurrent('takes a lease that nobody holds, whatever is in it', async (context) => {
    const poll = new Poll(context);
    await poll.place(undefined);
    await leads(poll.join('first'));

    const second = new Poll(context);
    await second.place({ leaseTransitions: 2 ** 31 - 1, leaseDurationSeconds: 2 ** 31 - 1 });
    await leads(second.join('second'));
    expect((await second.lease()).spec).toMatchObject({ leaseDurationSeconds: 3, leaseTransitions: 0 });
  });

  it.concurrent('leads again at once under its own name', async (context) => {
    const poll = new Poll(context);
    await poll.place({ holderIdentity: 'pod-1', leaseDurationSeconds: 30 });
    const begun = performance.now();
    const member = poll.join('pod-1');
    await leads(member);
    expect(member.acquiredAt! - begun).toBeLessThan(500);
  });
});

describe('LeaseElection, with what others share at fault', () => {
  it('has a leader that was cut off step down before another follows', async (context) => {
    const poll = new Poll(context);
    const first = poll.joinThroughProxy('first');
    await leads(first);
    const second = poll.join('second');
    await sleep(500);
    proxy.sever();
    await leads(second);
    expect(first).toMatchObject({ lost: expect.stringContaining('not renewed within 2 s'), ended: true });
    expect(first.lostAt!).toBeLessThan(second.acquiredAt!);
    expect(first.election.isLeader).toBe(false);
    proxy.mend();
    await sleep(1000);
    expect([first.election.isLeader, second.election.isLeader]).toEqual([false, true]);
  });

  it('says what it lacks, and goes on trying, where the account may not', async (context) => {
    const poll = new Poll(context);
    await cluster.api.json(
      'DELETE',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/elector',
    );
    const member = poll.join('member');
    await vi.waitFor(() => {
      expect(member.log.some(({ reason }) => /leases.*is forbidden/.test(String(reason)))).toBe(true);
    }, 5000);
    await cluster.apply(account);
    await leads(member);
  });

  it('outlives an API server that is gone for a while, as standby', async (context) => {
    const poll = new Poll(context);
    await cluster.killApiServer();
    const member = poll.join('member');
    await sleep(1000);
    expect(member.election.isLeader).toBe(false);
    await cluster.startApiServer();
    await leads(member, 15);
  });
});
