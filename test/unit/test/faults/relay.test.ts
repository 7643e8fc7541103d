import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Random } from '../../../accuracy/random.ts';
import { Relay } from '../../../faults/relay.ts';

let echo: Server;
beforeAll(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterAll(() => echo.close());

async function connected() {
  const relay = await Relay.start((echo.address() as AddressInfo).port);
  onTestFinished(() => relay.close());
  const client = await join(relay);
  return { relay, ...client };
}

async function join(relay: Relay) {
  const socket = connect(relay.port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  const got: string[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => got.push(text));
  await once(socket, 'connect');
  return { socket, text: () => got.join('') };
}

async function says(socket: { write(text: string): unknown }, text: string): Promise<void> {
  socket.write(text);
  await sleep(40);
}

test('passes, holds what comes while it is frozen, and passes that on', async () => {
  const { relay, socket, text } = await connected();
  await says(socket, 'a');
  expect(text()).toBe('a');
  relay.set('frozen');
  await says(socket, 'b');
  expect(text()).toBe('a');
  relay.set('pass');
  await sleep(40);
  expect(text()).toBe('ab');
});

test('cuts what stands', async () => {
  const { relay, socket } = await connected();
  const closed = once(socket, 'close');
  relay.set('cut');
  await closed;
});

test('half open: what stands is silent for ever, what comes passes', async () => {
  const { relay, socket, text } = await connected();
  await says(socket, 'a');
  relay.set('half-open');
  await says(socket, 'b');
  expect(text()).toBe('a');
  expect(socket.destroyed).toBe(false);
  const next = await join(relay);
  await says(next.socket, 'c');
  expect(next.text()).toBe('c');
});

test('keeps the order of what it delays', async () => {
  const { relay, socket, text } = await connected();
  relay.set('lossy');
  let said = '';
  for (let number = 0; number < 50; number++) {
    said += `${number} `;
    socket.write(`${number} `);
    await sleep(1);
  }
  relay.set('pass');
  await expect.poll(text, { timeout: 5_000 }).toBe(said);
});

test('fails every request', async () => {
  const { relay } = await connected();
  relay.set('failing');
  expect((await fetch(`http://127.0.0.1:${relay.port}/`)).status).toBe(500);
});

test('loses what the seed says', async () => {
  const delays = async (seed: number) => {
    const { relay, socket, text } = await connected();
    relay.set('lossy', new Random('lost', seed));
    const late: number[] = [];
    for (let number = 0; number < 12; number++) {
      const before = text().length;
      socket.write('x');
      await sleep(15);
      if (text().length === before) late.push(number);
    }
    relay.set('pass');
    return late;
  };
  expect(await delays(3)).toEqual(await delays(3));
});
