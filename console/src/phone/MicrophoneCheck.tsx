import { Select, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Phone.module.css';
import { hearWith } from './softphone';

const HEARD = 0.02;

/** Shows what the microphone hears, and lets one choose where callers are heard. */
export function MicrophoneCheck({ onHeard }: { onHeard: () => void }) {
  const { t } = useTranslation();
  const meter = useRef<HTMLDivElement | null>(null);
  const [denied, setDenied] = useState(false);
  const [heardYou, setHeardYou] = useState(false);
  const [speakers, setSpeakers] = useState<MediaDeviceInfo[]>([]);

  useEffect(() => {
    let stream: MediaStream | undefined;
    let frame = 0;
    let left = false;
    const context = new AudioContext();

    async function listen() {
      const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (left) return heard.getTracks().forEach((track) => track.stop());
      stream = heard;
      const devices = await navigator.mediaDevices.enumerateDevices();
      setSpeakers(devices.filter((device) => device.kind === 'audiooutput' && device.deviceId !== ''));
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(heard).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const show = () => {
        analyser.getFloatTimeDomainData(samples);
        const power = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
        if (power > HEARD) setHeardYou(true);
        meter.current?.style.setProperty('--level', String(Math.min(1, power * 6)));
        frame = requestAnimationFrame(show);
      };
      show();
      return undefined;
    }

    listen().catch(() => setDenied(true));
    return () => {
      left = true;
      cancelAnimationFrame(frame);
      stream?.getTracks().forEach((track) => track.stop());
      void context.close();
    };
  }, []);

  useEffect(() => {
    if (heardYou) onHeard();
  }, [heardYou, onHeard]);

  if (denied) {
    return (
      <Text c="var(--bad)" size="sm" role="alert">
        {t('phone.denied')}
      </Text>
    );
  }
  return (
    <>
      <div>
        <Text size="sm" mb={6}>
          {t('phone.speak')}
        </Text>
        <div ref={meter} className={classes.meter} role="img" aria-label={t('phone.meter')}>
          <span />
        </div>
        <Text size="sm" mt={6} className="quiet" role="status">
          {heardYou ? t('check.heard') : t('check.silent')}
        </Text>
      </div>
      {speakers.length > 1 ? (
        <Select
          label={t('phone.speaker')}
          data={speakers.map((device) => ({ value: device.deviceId, label: device.label || device.deviceId }))}
          onChange={(device) => device && void hearWith(device)}
        />
      ) : null}
    </>
  );
}
