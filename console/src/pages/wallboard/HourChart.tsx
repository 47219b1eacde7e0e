import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Swatch } from '../../widgets/Swatch';
import type { Slot } from './hour';

const HEIGHT = 170;

/** Answered and abandoned calls in stretches of five minutes. */
export default function HourChart({ slots }: { slots: Slot[] }) {
  const { t, i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const data: uPlot.AlignedData = [
    slots.map((slot) => slot.at),
    slots.map((slot) => slot.answered + slot.abandoned),
    slots.map((slot) => slot.abandoned),
  ];
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const element = ref.current as HTMLElement | null;
    if (element === null || width === 0) return undefined;
    const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const bars = uPlot.paths.bars?.({ size: [0.7, 46] });
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '11px Inter Variable' };
    const clock = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const chart = new uPlot(
      {
        width,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(4, Math.ceil(most * 1.15))] }, x: { range: (_, from, to) => [from - 200, to + 200] } },
        axes: [
          { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => clock.format(tick * 1000)) },
          { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
        ],
        series: [
          {},
          { label: t('wall.answered'), fill: color('--operator'), stroke: color('--operator'), width: 0, paths: bars, points: { show: false } },
          { label: t('wall.abandoned'), fill: color('--bad'), stroke: color('--bad'), width: 0, paths: bars, points: { show: false } },
        ],
      },
      latest.current,
      element,
    );
    plot.current = chart;
    return () => {
      chart.destroy();
      plot.current = null;
    };
  }, [ref, width, scheme, t, i18n.language]);

  useEffect(() => plot.current?.setData(data));

  const answered = slots.reduce((sum, slot) => sum + slot.answered, 0);
  const abandoned = slots.reduce((sum, slot) => sum + slot.abandoned, 0);
  return (
    <>
      <div ref={ref} style={{ height: HEIGHT }} role="img" aria-label={t('wall.chartWords', { answered, abandoned })} />
      <div className="quiet" style={{ display: 'flex', gap: 18, fontSize: '0.8125rem' }}>
        <Swatch color="--operator" word={`${t('wall.answered')} ${answered}`} />
        <Swatch color="--bad" word={`${t('wall.abandoned')} ${abandoned}`} />
      </div>
    </>
  );
}
