import { Button, Modal, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useOperators } from '../../api/queries';
import { MODES, useWatchActs, type Mode } from '../../api/supervision';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';

/** The supervisor's own phone, remembered on this machine. */
const PHONE = 'ramal.own-phone';

interface Props {
  operator: Operator;
  onClose: () => void;
}

/** Which phone is rung, how it takes part, and whether in this call only or in all of the operator's. */
export function ListenDialog({ operator, onClose }: Props) {
  const { t } = useTranslation();
  const others = (useOperators().data ?? []).filter((one) => one.extension !== operator.extension && one.reachable);
  const [phone, setPhone] = useState<string | null>(() => localStorage.getItem(PHONE));
  const [mode, setMode] = useState<Mode>('listen');
  const [scope, setScope] = useState<'call' | 'all'>(operator.call_id ? 'call' : 'all');
  const { begin } = useWatchActs(() => undefined);
  const known = others.some((one) => one.extension === phone) ? phone : null;

  function start() {
    if (known === null) return;
    localStorage.setItem(PHONE, known);
    const of = scope === 'call' ? { call_id: operator.call_id } : { operator: operator.extension };
    begin.mutate(
      { phone: known, mode, ...of },
      {
        onSuccess: () => {
          tellDone(t('floor.rings', { phone: known }));
          onClose();
        },
      },
    );
  }

  const modes = scope === 'all' ? MODES.filter((one) => one !== 'take_over') : MODES;
  return (
    <Modal opened onClose={onClose} title={t('floor.listenTo', { name: operator.name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <Select
          label={t('talk.phone')}
          description={t('floor.phoneHint')}
          data={others.map((one) => ({ value: one.extension, label: `${one.extension} · ${one.name}` }))}
          value={known}
          onChange={setPhone}
          searchable
          limit={50}
          nothingFoundMessage={t('operator.none')}
          data-autofocus
        />
        {operator.call_id ? (
          <SegmentedControl
            withItemsBorders={false}
            aria-label={t('floor.scope')}
            value={scope}
            onChange={(value) => {
              setScope(value as typeof scope);
              if (value === 'all' && mode === 'take_over') setMode('listen');
            }}
            data={[
              { value: 'call', label: t('floor.thisCall') },
              { value: 'all', label: t('floor.everyCall') },
            ]}
          />
        ) : (
          <Text size="sm" className="quiet">
            {t('floor.everyCall')}
          </Text>
        )}
        <SegmentedControl
          withItemsBorders={false}
          orientation="vertical"
          aria-label={t('floor.how')}
          value={mode}
          onChange={(value) => setMode(value as Mode)}
          data={modes.map((value) => ({ value, label: t(`floor.mode.${value}`) }))}
        />
        <Text size="sm" className="quiet">
          {t(`floor.means.${mode}`)}
        </Text>
        {begin.error ? <Failure error={begin.error} /> : null}
        <Button leftSection={<Icon name="headset" size={16} />} disabled={known === null} loading={begin.isPending} onClick={start}>
          {t('floor.ring')}
        </Button>
      </Stack>
    </Modal>
  );
}
