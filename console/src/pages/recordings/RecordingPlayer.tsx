import { ActionIcon, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import WaveSurfer from 'wavesurfer.js';
import { api, ask, Refused, type Recording } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { duration } from '../../widgets/time';
import { Accesses, NoteMarks, Notes } from './Notes';
import classes from './Recordings.module.css';
import { mixerOf, SIDES, type Mixer, type Side } from './sides';

const SPEEDS = ['0.75', '1', '1.25', '1.5', '2'];
/** Without peaks from the server a longer recording is streamed undrawn: drawing it here needs all of it in memory. */
const DRAWN_S = 1800;

function audioUrl(id: string): string {
  return `/api/v1/recordings/${encodeURIComponent(id)}/audio`;
}

/** The caller above, the operator below. Nothing is fetched before somebody wants to listen: each access is audited. */
export default function RecordingPlayer({ id, opened = false }: { id: string; opened?: boolean }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(opened);
  return (
    <section className={`card ${classes.player}`} aria-label={t('recording.title')}>
      {wanted ? (
        <Opened id={id} />
      ) : (
        <Group justify="space-between">
          <Group gap="sm">
            <Icon name="waveform" />
            <Text fw={560}>{t('recording.title')}</Text>
            <Text size="sm" className="quiet">
              {t('recording.audited')}
            </Text>
          </Group>
          <Button leftSection={<Icon name="play" size={16} />} onClick={() => setWanted(true)}>
            {t('recording.open')}
          </Button>
        </Group>
      )}
    </section>
  );
}

function Opened({ id }: { id: string }) {
  const manifest = useQuery({
    queryKey: ['recording', id],
    queryFn: () => ask(api.GET('/api/v1/recordings/{id}', { params: { path: { id } } })),
    staleTime: Infinity,
  });
  if (manifest.isPending) return <Loading />;
  if (manifest.isLoadingError) return <Failure error={manifest.error} />;
  return <Waveform recording={manifest.data} />;
}

type Peaks = { caller: number[]; operator: number[] };

/** The server measured the loudness when the recording was made: a waveform costs a few kilobytes, not the audio. */
function Waveform({ recording }: { recording: Recording }) {
  const peaks = useQuery({
    queryKey: ['recording', recording.id, 'peaks'],
    queryFn: () =>
      ask(api.GET('/api/v1/recordings/{id}/peaks', { params: { path: { id: recording.id } } })).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }),
    staleTime: Infinity,
  });
  if (peaks.isPending) return <Loading />;
  const known = peaks.data ?? null;
  return known === null && recording.duration_s > DRAWN_S ? <Streamed recording={recording} /> : <Drawn recording={recording} peaks={known} />;
}

function Streamed({ recording }: { recording: Recording }) {
  return <audio controls preload="metadata" src={audioUrl(recording.id)} className={classes.audio} />;
}

async function fetchAudio(id: string): Promise<Blob> {
  const answer = await fetch(audioUrl(id));
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.blob();
}

function Drawn({ recording, peaks }: { recording: Recording; peaks: Peaks | null }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement | null>(null);
  const wave = useRef<WaveSurfer | null>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState('1');
  const mixer = useRef<Mixer | null>(null);
  const [side, setSide] = useState<Side>('both');
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    if (place.current === null) return undefined;
    const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const channel = (name: string) => ({ waveColor: `${color(name)}66`, progressColor: color(name), cursorColor: color('--text') });
    const made = WaveSurfer.create({
      container: place.current,
      height: 54,
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      normalize: true,
      cursorWidth: 1,
      splitChannels: [channel('--caller'), channel('--operator')],
      ...(peaks === null ? {} : { peaks: [peaks.caller, peaks.operator].map((heights) => heights.map((height) => height / 255)), duration: recording.duration_s, url: audioUrl(recording.id) }),
    });
    wave.current = made;
    made.on('play', () => setPlaying(true));
    made.on('pause', () => setPlaying(false));
    made.on('timeupdate', setAt);
    made.on('ready', () => setReady(true));
    let left = false;
    made.on('error', (reason) => (left ? undefined : setError(reason)));
    if (peaks === null) {
      fetchAudio(recording.id)
        .then((blob) => (left ? undefined : made.loadBlob(blob)))
        .catch((reason: unknown) => (left ? undefined : setError(reason)));
    }
    return () => {
      left = true;
      mixer.current?.close();
      mixer.current = null;
      made.destroy();
    };
  }, [recording.id, recording.duration_s, peaks]);

  function changeSpeed(value: string) {
    setSpeed(value);
    wave.current?.setPlaybackRate(Number(value), true);
  }

  function changeSide(value: Side) {
    setSide(value);
    const media = wave.current?.getMediaElement() ?? null;
    if (media === null) return;
    mixer.current ??= mixerOf(media);
    mixer.current.choose(value);
  }

  const skip = (seconds: number) => wave.current?.skip(seconds);
  return (
    <div
      role="group"
      aria-label={t('recording.title')}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') skip(-5);
        if (event.key === 'ArrowRight') skip(5);
      }}
    >
      {error === null ? null : <Failure error={error} />}
      <div className={classes.channels}>
        <div className={classes.names} aria-hidden="true">
          <span style={{ color: 'var(--caller)' }}>{t('recording.caller')}</span>
          <span style={{ color: 'var(--operator)' }}>{t('recording.operator')}</span>
        </div>
        <div style={{ position: 'relative' }}>
          <div ref={place} className={classes.wave} data-ready={ready} />
          <Pauses recording={recording} />
          <NoteMarks id={recording.id} length_s={recording.duration_s} />
        </div>
      </div>
      <Group justify="space-between" mt="sm" gap="sm">
        <Group gap="xs">
          <ActionIcon
            size="lg"
            radius="xl"
            variant="filled"
            disabled={!ready}
            aria-label={playing ? t('recording.pause') : t('recording.play')}
            onClick={() => void wave.current?.playPause()}
          >
            <Icon name={playing ? 'pause' : 'play'} />
          </ActionIcon>
          <Text className="figures">
            {duration(at)} <span className="quiet">/ {duration(recording.duration_s)}</span>
          </Text>
          <Tag tone={recording.status === 'complete' ? 'good' : 'ring'}>{t(`recording.status.${recording.status}`)}</Tag>
        </Group>
        <SegmentedControl
          withItemsBorders={false}
          size="xs"
          value={side}
          onChange={(value) => changeSide(value as Side)}
          data={SIDES.map((value) => ({ value, label: t(`recording.${value}`) }))}
          aria-label={t('recording.side')}
          disabled={!ready}
        />
        <SegmentedControl
          withItemsBorders={false}
          size="xs"
          value={speed}
          onChange={changeSpeed}
          data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
          aria-label={t('recording.speed')}
        />
        <Button component="a" href={audioUrl(recording.id)} download={`${recording.call_id}.wav`} variant="default" size="xs" leftSection={<Icon name="download" size={15} />}>
          {t('recording.download')}
        </Button>
      </Group>
      <PauseList recording={recording} />
      <Notes id={recording.id} at={at} onGo={(second) => wave.current?.setTime(second)} />
      <Accesses id={recording.id} />
    </div>
  );
}

/** Where nothing was recorded on purpose, laid over the waveform. */
function Pauses({ recording }: { recording: Recording }) {
  const whole = Math.max(0.1, recording.duration_s);
  return (
    <div className={classes.marks} aria-hidden="true">
      {recording.pauses.map((pause) => (
        <span
          key={pause.start_s}
          className={classes.pause}
          data-pause={pause.start_s}
          style={{ left: `${(100 * pause.start_s) / whole}%`, width: `${(100 * ((pause.end_s ?? whole) - pause.start_s)) / whole}%` }}
        />
      ))}
    </div>
  );
}

/** The same in words. */
function PauseList({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  if (recording.pauses.length === 0) return null;
  return (
    <Text size="sm" mt="xs" className="foreign">
      {t('note.pauses')}:{' '}
      {recording.pauses.map((pause) => `${duration(pause.start_s)}–${pause.end_s === null ? '' : duration(pause.end_s)} (${pause.by})`).join(', ')}
    </Text>
  );
}
