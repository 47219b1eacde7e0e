import { Collapse, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Call, QueueLive } from '../../api/client';
import { useLiveCalls, useQueues, useRouting } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { duration } from '../../widgets/time';
import { needsInWords, type Explanation } from '../calls/explain';
import { WhyWaiting } from '../calls/WhyWaiting';
import { Freshness } from '../wallboard/Freshness';
import { QueueActs } from './QueueActs';
import classes from './Queues.module.css';

interface Waiting {
  id: string;
  position: number;
  waited_s: number;
  priority: number;
  needs: Record<string, number>;
}

/** Each queue with its line, and for each caller the answer to "why still waiting?". */
export default function Queues() {
  const { t } = useTranslation();
  const queues = useQueues();
  const calls = useLiveCalls();
  if (queues.data === undefined) {
    return queues.isError ? <Failure error={queues.error} retry={() => void queues.refetch()} /> : <Loading />;
  }
  const known = new Map((calls.data ?? []).map((call) => [call.id, call]));
  const sorted = [...queues.data].sort((a, b) => b.waiting - a.waiting || a.name.localeCompare(b.name));
  return (
    <Page title={t('nav.queues')} actions={<Freshness at={queues.dataUpdatedAt} />}>
      {sorted.length === 0 ? <Empty icon="queue">{t('queue.none')}</Empty> : null}
      {sorted.map((queue) => (
        <QueueCard key={queue.id} queue={queue} calls={known} />
      ))}
    </Page>
  );
}

function QueueCard({ queue, calls }: { queue: QueueLive; calls: Map<string, Call> }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const line = queue.calls as unknown as Waiting[];
  return (
    <section className="card" data-queue={queue.id} aria-label={queue.name}>
      <div className={classes.head}>
        <h2 className={`${classes.name} foreign`}>{queue.name}</h2>
        <span className={classes.figures}>
          <span>
            <strong>{queue.waiting}</strong> {t('queue.waitingWord')}
          </span>
          {queue.waiting > 0 ? (
            <span>
              {t('queue.oldestWord')} <strong>{duration(queue.oldest_wait_s)}</strong>
            </span>
          ) : null}
          <span data-none={queue.operators_available === 0 || undefined}>
            <strong>{queue.operators_available}</strong> / {queue.operators_signed_in} {t('queue.freeWord')}
          </span>
          {queue.closed ? <Tag tone="bad">{t('queueAct.closed')}</Tag> : null}
          {queue.announcement ? (
            <Tag tone="ring">
              <Icon name="volume" size={14} /> {queue.announcement}
            </Tag>
          ) : null}
          {leads(role) ? <QueueActs queue={queue} /> : null}
        </span>
      </div>
      {queue.operators_signed_in === 0 ? (
        <div className={classes.warn}>
          <Icon name="alert" size={16} /> {t('queue.nobody')}
        </div>
      ) : null}
      <ol className={classes.line}>
        {line.slice(0, 50).map((waiting) => (
          <Caller key={waiting.id} waiting={waiting} call={calls.get(waiting.id)} />
        ))}
      </ol>
      {line.length > 50 ? (
        <Text size="sm" className="quiet" px="lg" pb="sm">
          {t('queue.more', { more: line.length - 50 })}
        </Text>
      ) : null}
    </section>
  );
}

function Caller({ waiting, call }: { waiting: Waiting; call: Call | undefined }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [open, setOpen] = useState(false);
  return (
    <li className={classes.caller} data-call={waiting.id}>
      <div className={classes.row}>
        <span className={classes.place}>{waiting.position}</span>
        <span className="foreign">
          <Link href={`/calls/${encodeURIComponent(waiting.id)}`} className={classes.number}>
            {call ? call.from || t('call.hidden') : waiting.id}
          </Link>
          <span className={classes.needs}>{needsInWords(t, waiting.needs)}</span>
        </span>
        {waiting.priority > 0 ? <Tag tone="ring">{t('queue.priority', { priority: waiting.priority })}</Tag> : null}
        <strong className="figures">{duration(waiting.waited_s)}</strong>
        {role === 'client' ? null : (
          <UnstyledButton className={classes.why} onClick={() => setOpen(!open)} aria-expanded={open}>
            {t('why.short')}
          </UnstyledButton>
        )}
      </div>
      <Collapse in={open}>{open ? <Why id={waiting.id} /> : null}</Collapse>
    </li>
  );
}

function Why({ id }: { id: string }) {
  const { t } = useTranslation();
  const routing = useRouting(id, true);
  if (routing.isPending) return <Loading />;
  if (routing.isError) return <Failure error={routing.error} />;
  const why = routing.data.waiting as unknown as Explanation | null;
  return <div className={classes.answer}>{why === null ? t('why.noMore') : <WhyWaiting why={why} />}</div>;
}
