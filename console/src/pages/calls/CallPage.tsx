import { Button, Tabs, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import { api, ask, type Call } from '../../api/client';
import { useCall } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { Facts } from '../../widgets/Facts';
import { FinalState } from '../../widgets/FinalState';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { tellDone, tellFailed } from '../../widgets/tell';
import { Duration, Moment } from '../../widgets/time';
import { Digits } from '../desk/Digits';
import { Disposition } from '../desk/Disposition';
import { RoutingTrace } from './RoutingTrace';
import { Survey } from './Survey';
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
  if (call.isLoadingError) return <Failure error={call.error} retry={() => void call.refetch()} />;
  const staff = role === 'supervisor' || role === 'admin' || role === 'auditor';
  const written = role !== 'client' && call.data.ended_at !== null;
  const hears = staff || role === 'client';
  return (
    <Page
      title={call.data.from || t('call.hidden')}
      actions={
        <>
        <CallBack call={call.data} />
        <Button component={Link} href="/calls" variant="default" size="xs" leftSection={<Icon name="arrowLeft" size={15} />}>
          {t('call.back')}
        </Button>
        </>
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
          <Tabs.Tab value="survey" leftSection={<Icon name="message" size={16} />}>
            {t('survey.title')}
          </Tabs.Tab>
          {written ? (
            <Tabs.Tab value="written" leftSection={<Icon name="edit" size={16} />}>
              {t('form.title')}
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
        {written ? (
          <Tabs.Panel value="written">
            <Disposition call={call.data} />
          </Tabs.Panel>
        ) : null}
        <Tabs.Panel value="survey">
          <Survey call={ident} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** The line dropped in the middle of a talk: the caller is called back, and the same operator has him first. */
function CallBack({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { role, operator } = useMe();
  const number = call.from || t('call.hidden');
  const again = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/calls/{id}/callback', { params: { path: { id: call.id } } })),
    onSuccess: () => tellDone(t('call.calledBack', { number })),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  const may = leads(role) || (role === 'operator' && call.operator === operator);
  if (!may || !call.ended_at || !call.connected_at || call.direction !== 'inbound' || !call.from) return null;
  return (
    <Button variant="default" size="xs" disabled={again.isSuccess} loading={again.isPending} leftSection={<Icon name="phoneOutgoing" size={15} />} onClick={() => again.mutate()}>
      {t('call.dropped')}
    </Button>
  );
}

function Summary({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Facts
      data-call={call.id}
      entries={[
        [t('call.state'), <FinalState call={call} />],
        [t('call.started'), <Moment at={call.started_at} />],
        [t('call.to'), call.to || '–'],
        [t('call.queue'), call.queue ?? '–'],
        [t('call.operator'), call.operator ?? '–'],
        [t('call.waited'), <Duration seconds={call.wait_s} />],
        [t('call.talked'), <Duration seconds={call.talk_s} />],
        [t('call.digits'), call.digits ? <Digits digits={call.digits} /> : '–'],
        [t('call.language'), call.language ?? '–'],
        [t('call.flow'), <FlowOf call={call} />],
        [t('call.protocol'), call.protocol ? <RowLink href={`/cases/${encodeURIComponent(call.protocol)}`}>{call.protocol}</RowLink> : '–'],
        [t('call.id'), <span className="mono">{call.id}</span>],
      ]}
    />
  );
}

function FlowOf({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const shown = call.flow !== null && (role === 'supervisor' || role === 'admin' || role === 'auditor');
  return (
    <>
      {call.flow ?? '–'} {call.flow_version ? <Text component="span" className="quiet mono">{call.flow_version.slice(0, 8)}</Text> : null}{' '}
      {shown ? <RowLink href={`/flows/${encodeURIComponent(call.flow ?? '')}?call=${encodeURIComponent(call.id)}`}>{t('replay.open')}</RowLink> : null}
    </>
  );
}
