import { Button, Tabs, Text } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import type { Call } from '../../api/client';
import { useCall } from '../../api/queries';
import { useMe } from '../../api/session';
import { FinalState } from '../../widgets/FinalState';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { Duration, Moment } from '../../widgets/time';
import { Digits } from '../desk/CurrentCall';
import classes from './CallPage.module.css';
import { RoutingTrace } from './RoutingTrace';
import { Trace } from './Trace';

const RecordingPlayer = lazy(() => import('../recordings/RecordingPlayer'));

/** One call: how it went, what was decided for it, what was said. */
export default function CallPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams<{ id: string }>();
  const ident = decodeURIComponent(id);
  const { role } = useMe();
  const call = useCall(ident);
  if (call.isPending) return <Loading />;
  if (call.isError) return <Failure error={call.error} retry={() => void call.refetch()} />;
  const staff = role === 'supervisor' || role === 'admin' || role === 'auditor';
  const hears = staff || role === 'client';
  return (
    <Page
      title={call.data.from || t('call.hidden')}
      actions={
        <Button component={Link} href="/calls" variant="default" size="xs" leftSection={<Icon name="arrowLeft" size={15} />}>
          {t('call.back')}
        </Button>
      }
    >
      <Summary call={call.data} />
      {hears && call.data.recording_id ? (
        <Suspense fallback={<Loading />}>
          <RecordingPlayer id={call.data.recording_id} />
        </Suspense>
      ) : null}
      <Tabs defaultValue="trace" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="trace" leftSection={<Icon name="flow" size={16} />}>
            {t('call.trace')}
          </Tabs.Tab>
          {staff ? (
            <Tabs.Tab value="routing" leftSection={<Icon name="branch" size={16} />}>
              {t('call.routing')}
            </Tabs.Tab>
          ) : null}
        </Tabs.List>
        <Tabs.Panel value="trace">
          <Trace call={call.data} />
        </Tabs.Panel>
        {staff ? (
          <Tabs.Panel value="routing">
            <RoutingTrace call={call.data} />
          </Tabs.Panel>
        ) : null}
      </Tabs>
    </Page>
  );
}

function Summary({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <dl className={`card ${classes.summary}`} data-call={call.id}>
      <Entry name={t('call.state')}>
        <FinalState call={call} />
      </Entry>
      <Entry name={t('call.started')}>
        <Moment at={call.started_at} />
      </Entry>
      <Entry name={t('call.to')}>{call.to || '–'}</Entry>
      <Entry name={t('call.queue')}>{call.queue ?? '–'}</Entry>
      <Entry name={t('call.operator')}>{call.operator ?? '–'}</Entry>
      <Entry name={t('call.waited')}>
        <Duration seconds={call.wait_s} />
      </Entry>
      <Entry name={t('call.talked')}>
        <Duration seconds={call.talk_s} />
      </Entry>
      <Entry name={t('call.digits')}>{call.digits ? <Digits digits={call.digits} /> : '–'}</Entry>
      <Entry name={t('call.language')}>{call.language ?? '–'}</Entry>
      <Entry name={t('call.flow')}>
        {call.flow ?? '–'} {call.flow_version ? <Text component="span" className="quiet mono">{call.flow_version.slice(0, 8)}</Text> : null}
      </Entry>
      <Entry name={t('call.protocol')}>{call.protocol ?? '–'}</Entry>
      <Entry name={t('call.id')}>
        <span className="mono">{call.id}</span>
      </Entry>
    </dl>
  );
}

function Entry({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  );
}
