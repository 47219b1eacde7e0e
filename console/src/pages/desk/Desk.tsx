import { Button, Grid, Group, Stack } from '@mantine/core';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useOperators } from '../../api/queries';
import { useMe } from '../../api/session';
import { usePhonePlace } from '../../phone/place';
import { useOneTab } from '../../shell/oneTab';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { CurrentCall } from './CurrentCall';
import { Dial } from './Dial';
import { OwnCalls } from './OwnCalls';
import { Parked } from './Parked';
import { Preview, usePreview } from './Preview';
import { StateBar } from './StateBar';
import { TimeClock } from './TimeClock';

const PhonePanel = lazy(() => import('../../phone/PhonePanel'));

/** The operator's page: state, the call, what is known of the caller. The call comes before all that can wait. */
export function Desk() {
  const { t } = useTranslation();
  const me = useMe();
  const operators = useOperators();
  const { hold, takeOver } = useOneTab();
  const place = usePhonePlace().data;
  const operator = operators.data?.find((one) => one.extension === me.operator);
  const preview = usePreview(operator);

  useEffect(() => {
    if (hold === 'elsewhere') void import('../../phone/softphone').then(({ disconnect }) => disconnect());
  }, [hold]);

  if (hold === 'elsewhere') {
    return (
      <Page title={t('desk.title')}>
        <div className="card">
          <Empty icon="lock">
            <Stack align="center">
              {t('desk.otherTab')}
              <Button onClick={takeOver}>{t('desk.takeOver')}</Button>
            </Stack>
          </Empty>
        </div>
      </Page>
    );
  }
  // A list that cannot be had anew just now takes no call off the page.
  if (operators.isLoadingError) return <Failure error={operators.error} retry={() => void operators.refetch()} />;
  if (operator === undefined || hold === 'asking') return operators.isSuccess ? <NoOperator /> : <Loading />;
  return (
    <Page title={t('desk.hello', { name: operator.name })} actions={
        <Group gap="xs" visibleFrom={operator.call_id === null ? undefined : 'sm'}>
          <Dial />
          <TimeClock operator={operator} />
        </Group>
      }>
      <StateBar operator={operator} />
      <Grid gutter="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          {preview ? <Preview shown={preview} extension={operator.extension} /> : <CurrentCall operator={operator} />}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="md">
            {place?.place ? (
              <Suspense fallback={null}>
                <PhonePanel place={{ ...place, place: place.place }} extension={operator.extension} />
              </Suspense>
            ) : null}
            <Parked />
            <OwnCalls operator={operator} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function NoOperator() {
  const { t } = useTranslation();
  return <Empty icon="user">{t('desk.noOperator')}</Empty>;
}
