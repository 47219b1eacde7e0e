/** How a talk sounds, from the browser's own counters: the E-model of ITU-T G.107 as Cole and Rosenbluth
 *  simplified it for VoIP monitoring (2001), with G.711's loss curve. */

export interface Quality {
  /** Mean opinion score, 1 (bad) to 4.4 (best a narrow line gives). */
  mos: number;
  /** Share of packets lost in the last stretch, 0 to 1. */
  loss: number;
  jitter_ms: number;
  round_trip_ms: number;
  /** How the packets go: directly, through the firewall, by the relay. */
  way: RTCIceCandidateType | null;
  /** Whether packets came in the last stretch. */
  heard: boolean;
}

interface Counters {
  received: number;
  lost: number;
}

/** Reads the counters; `before` makes the loss that of the stretch since then. */
export async function measure(
  connection: RTCPeerConnection,
  before: Counters | null,
): Promise<{ quality: Quality; counters: Counters } | null> {
  let counters: Counters | null = null;
  let jitter_ms = 0;
  let round_trip_ms = 0;
  const reports = await connection.getStats();
  let way: RTCIceCandidateType | null = null;
  reports.forEach((report: Record<string, unknown>) => {
    if (report.type === 'inbound-rtp' && report.kind === 'audio') {
      counters = { received: Number(report.packetsReceived ?? 0), lost: Math.max(0, Number(report.packetsLost ?? 0)) };
      jitter_ms = Number(report.jitter ?? 0) * 1000;
    }
    if (report.type === 'candidate-pair' && report.nominated === true) way = wayOf(reports.get(String(report.localCandidateId)));
    if (report.type === 'remote-inbound-rtp') round_trip_ms = Number(report.roundTripTime ?? 0) * 1000;
  });
  if (counters === null) return null;
  const now: Counters = counters;
  const lost = now.lost - (before?.lost ?? 0);
  const received = now.received - (before?.received ?? 0);
  const loss = received + lost > 0 ? Math.max(0, lost) / (received + lost) : 0;
  const mos = opinion(loss, jitter_ms, round_trip_ms);
  return { quality: { mos, loss, jitter_ms, round_trip_ms, way, heard: received > 0 }, counters: now };
}

function wayOf(candidate: { candidateType?: RTCIceCandidateType } | undefined): RTCIceCandidateType | null {
  return candidate?.candidateType ?? null;
}

export function opinion(loss: number, jitter_ms: number, round_trip_ms: number): number {
  const delay = round_trip_ms / 2 + 2 * jitter_ms + 20;
  const delayed = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const r = Math.min(100, Math.max(0, 94.2 - delayed - 30 * Math.log(1 + 15 * loss)));
  return 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r);
}
