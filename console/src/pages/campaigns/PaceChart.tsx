import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Swatch } from '../../widgets/Swatch';
import type { Sample } from './Live';

const HEIGHT = 180;
const SPAN_S = 600;
const COLOURS = ['--ring', '--busy', '--good'] as const;

/** Ringing, talking and free operators, second by second. */
export default function PaceChart({ samples }: { samples: Sample[] }) {
  const { t, i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const data = [0, 1, 2, 3].map((place) => samples.map((sample) => sample[place as 0])) as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const element = ref.current as HTMLElement | null;
    if (element === null || width === 0) return undefined;
    const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '11px Inter Variable' };
    const clock = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
    const chart = new uPlot(
      {
        width,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          y: { range: (_, __, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.15))] },
          x: { range: (_, __, to) => [to - SPAN_S, to] },
        },
        axes: [
          { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => clock.format(tick * 1000)) },
          { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
        ],
        series: [{}, ...COLOURS.map((name) => ({ stroke: color(name), width: 2, points: { show: false } }))],
      },
      latest.current,
      element,
    );
    plot.current = chart;
    return () => {
      chart.destroy();
      plot.current = null;
    };
  }, [ref, width, scheme, i18n.language]);

  useEffect(() => plot.current?.setData(data));

  const [, ringing = 0, talking = 0, free = 0] = samples.at(-1) ?? [];
  return (
    <>
      <div ref={ref} style={{ height: HEIGHT }} role="img" aria-label={t('campaign.chartWords', { ringing, talking, free })} />
      <div className="quiet" style={{ display: 'flex', flexWrap: 'wrap', gap: 18, fontSize: '0.8125rem' }}>
        <Swatch color={COLOURS[0]} word={t('campaign.ringing')} />
        <Swatch color={COLOURS[1]} word={t('campaign.talking')} />
        <Swatch color={COLOURS[2]} word={t('talk.presence.free')} />
      </div>
    </>
  );
}
