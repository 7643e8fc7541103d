/** Real senders for integration tests: each on free ports of 127.0.0.1, each gone after `stop()`. */
export { startDash } from './senders/dash.ts';
export type { Fault } from './senders/faults.ts';
export { freeTcpPort, freeUdpPort } from './senders/free-port.ts';
export { type HlsOptions, startHls } from './senders/hls.ts';
export { type LivePicture, startLivePicture } from './senders/live-picture.ts';
export { type Origin, type OriginRequest, startOrigin } from './senders/origin.ts';
export type { PackagedSender } from './senders/packaged.ts';
export { type PacketSender, startHttpTs, startUdpTs, type Tamper } from './senders/packets.ts';
export { type RtmpSender, startRtmp } from './senders/rtmp.ts';
export { startRtpTs } from './senders/rtp.ts';
export { type RtspOptions, startRtsp } from './senders/rtsp.ts';
export type { Sender } from './senders/sender.ts';
export { clip, type Source, type Tracks, testPattern } from './senders/source.ts';
export { type SrtOptions, startSrtCaller, startSrtListener } from './senders/srt.ts';
