import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { MODES, useWatchActs, useWatches, type Mode, type Watch } from '../../api/supervision';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { tellFailed } from '../../widgets/tell';

/** Who listens to whom now; from listening to whispering, barging in, taking over, and back. */
export function Watches({ operators }: { operators: Operator[] }) {
  const { t } = useTranslation();
  const watches = useWatches(true).data ?? [];
  const { change, end } = useWatchActs((error) => tellFailed(t('failure.conflict'), error));
  if (watches.length === 0) return null;
  const name = (extension: string | null) => operators.find((one) => one.extension === extension)?.name ?? extension ?? '';
  const modes = (watch: Watch) => (watch.operator ? MODES.filter((mode) => mode !== 'take_over') : MODES);
  return (
    <section className="card" style={{ padding: '12px 18px' }} aria-label={t('floor.watches')}>
      <Text fw={600} mb={8}>
        {t('floor.watches')}
      </Text>
      {watches.map((watch) => (
        <Group key={watch.id} gap="sm" mb={6} data-watch={watch.id} data-mode={watch.mode}>
          <Tag tone={watch.answered ? 'busy' : 'ring'}>
            <Icon name="headset" size={14} /> {watch.phone} {watch.answered ? '' : t('floor.ringing')}
          </Tag>
          <Text size="sm" className="foreign">
            {watch.operator ? t('floor.ofOperator', { name: name(watch.operator) }) : t('floor.ofCall', { name: name(operators.find((one) => one.call_id === watch.call_id)?.extension ?? null) || (watch.call_id ?? '') })}{' '}
            <span className="quiet">{t('floor.by', { by: watch.by })}</span>
          </Text>
          <div className="scroll-x">
            <SegmentedControl
              withItemsBorders={false}
              size="xs"
              aria-label={t('floor.how')}
              value={watch.mode}
              disabled={change.isPending}
              onChange={(mode) => change.mutate({ id: watch.id, mode: mode as Mode })}
              data={modes(watch).map((value) => ({ value, label: t(`floor.mode.${value}`) }))}
            />
          </div>
          <Button size="compact-sm" variant="default" leftSection={<Icon name="phoneOff" size={14} />} disabled={end.isPending} onClick={() => end.mutate(watch.id)}>
            {t('talk.stop')}
          </Button>
        </Group>
      ))}
    </section>
  );
}
