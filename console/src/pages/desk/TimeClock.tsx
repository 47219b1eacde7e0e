import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useOperatorActs } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import { tellDone, tellFailed } from '../../widgets/tell';

/** Clock in, clock out. */
export function TimeClock({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const { clock } = useOperatorActs(operator.extension);
  const direction = operator.clocked_in ? 'out' : 'in';

  function punch() {
    clock.mutate(direction, {
      onSuccess: () => tellDone(direction === 'in' ? t('desk.clockedIn') : t('desk.clockedOut')),
      onError: (error) => tellFailed(t('failure.conflict'), error),
    });
  }

  return (
    <Button
      variant={operator.clocked_in ? 'default' : 'light'}
      leftSection={<Icon name={operator.clocked_in ? 'clockOut' : 'clockIn'} />}
      loading={clock.isPending}
      onClick={punch}
    >
      {operator.clocked_in ? t('desk.clockOut') : t('desk.clockIn')}
    </Button>
  );
}
