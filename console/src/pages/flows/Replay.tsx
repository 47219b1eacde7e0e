import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Fact } from '../../api/client';
import { useTrace } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import { Loading } from '../../widgets/Page';
import { duration } from '../../widgets/time';
import { FactWords } from '../calls/Trace';
import classes from './Flows.module.css';

const STEP_MS = 900;

export interface Step {
  node: string;
  at: string;
  /** What happened there until the next node. */
  facts: Fact[];
}

/** A call's way through one flow. */
export function stepsOf(facts: Fact[], flow: string): Step[] {
  const steps: Step[] = [];
  let inside = false;
  for (const fact of facts) {
    if (fact.fact === 'NodeEntered') {
      inside = fact.flow === flow;
      if (inside) steps.push({ node: String(fact.node), at: fact.at, facts: [] });
    } else if (inside) steps.at(-1)?.facts.push(fact);
  }
  return steps;
}

/** Steps through a call on the graph above it, back, forth, or by itself. */
export function Replay({ call, flow, onStep }: { call: string; flow: string; onStep: (visited: Map<string, number>, node: string | null) => void }) {
  const { t } = useTranslation();
  const trace = useTrace(call);
  const steps = useMemo(() => stepsOf(trace.data ?? [], flow), [trace.data, flow]);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const step = steps[Math.min(at, steps.length - 1)];

  useEffect(() => {
    const visited = new Map<string, number>();
    steps.slice(0, at + 1).forEach((one, place) => visited.set(one.node, place + 1));
    onStep(visited, step?.node ?? null);
  }, [steps, at, step?.node, onStep]);

  useEffect(() => {
    if (!playing) return undefined;
    if (at >= steps.length - 1) {
      setPlaying(false);
      return undefined;
    }
    const next = setTimeout(() => setAt(at + 1), STEP_MS);
    return () => clearTimeout(next);
  }, [playing, at, steps.length]);

  if (trace.isPending) return <Loading />;
  if (step === undefined) return <Text className="quiet">{t('replay.none')}</Text>;
  const since = (Date.parse(step.at) - Date.parse(steps[0]?.at ?? step.at)) / 1000;
  return (
    <section className={`card ${classes.replay}`} aria-label={t('replay.title', { call })} data-replay={step.node}>
      <Group gap="xs" wrap="nowrap">
        <ActionIcon variant="default" size="lg" aria-label={t('replay.back')} disabled={at === 0} onClick={() => setAt(at - 1)}>
          <Icon name="arrowLeft" size={16} />
        </ActionIcon>
        <ActionIcon variant="filled" size="lg" aria-label={playing ? t('replay.stop') : t('replay.play')} onClick={() => setPlaying(!playing)}>
          <Icon name={playing ? 'pause' : 'play'} size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t('replay.next')} disabled={at >= steps.length - 1} onClick={() => setAt(at + 1)}>
          <Icon name="arrowRight" size={16} />
        </ActionIcon>
        <input type="range" min={0} max={steps.length - 1} value={at} aria-label={t('replay.slider')} className={classes.slider} onChange={(event) => setAt(Number(event.currentTarget.value))} />
        <Text size="sm" className="quiet figures" style={{ whiteSpace: 'nowrap' }}>
          {t('replay.step', { at: at + 1, steps: steps.length })} · {duration(since)}
        </Text>
        <Button component={Link} href={`/flows/${flow}`} size="xs" variant="subtle">
          {t('replay.end')}
        </Button>
      </Group>
      <div className={classes.happened}>
        <b className="foreign">{step.node}</b>
        {step.facts.map((fact) => (
          <span key={fact.seq} className="foreign">
            <FactWords fact={fact} />
          </span>
        ))}
      </div>
    </section>
  );
}
