/** Why all objects were listed again. */
export type RelistCause = 'expired' | 'periodic' | 'stale' | 'failed';
/** Why a watch was opened again. */
export type ReconnectCause = 'ended' | 'idle' | 'network' | 'throttled' | 'refused';

/** What a reflector went through since its start. */
export class ReflectorStats {
  /** Lists that were taken over, the first one included. */
  lists = 0;
  /** Changes that the watch told of, before those known already are left out. */
  events = 0;
  /** Calls of the handler that threw. */
  handlerErrors = 0;
  readonly relists: Record<RelistCause, number> = { expired: 0, periodic: 0, stale: 0, failed: 0 };
  readonly reconnects: Record<ReconnectCause, number> = {
    ended: 0,
    idle: 0,
    network: 0,
    throttled: 0,
    refused: 0,
  };
}
