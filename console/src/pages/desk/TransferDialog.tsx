import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDirectory, type Entry, type Target } from '../../api/talk';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';

interface Props {
  opened: boolean;
  own: string;
  onClose: () => void;
  onGo: (how: 'transfer' | 'consult' | 'conference', target: Target) => void;
}

const NUMBER = /^\+?[0-9]{3,15}$/;
const TONES = { free: 'good', busy: 'busy', away: 'rest' } as const;
type Row = Omit<Entry, 'kind' | 'presence'> & { kind: Target['kind']; presence: Entry['presence'] | null };

/** To whom: operators and queues with who is free now, or any number. */
export function TransferDialog({ opened, own, onClose, onGo }: Props) {
  const { t } = useTranslation();
  const known = useDirectory(opened).data;
  const [wanted, setWanted] = useState('');
  const rows = useMemo<Row[]>(() => {
    const words = wanted.trim().toLocaleLowerCase();
    const found: Row[] = (known ?? []).filter((entry) => entry.id !== own && `${entry.id} ${entry.name}`.toLocaleLowerCase().includes(words));
    const extension = found.some((entry) => entry.id === words);
    const outside: Row[] = NUMBER.test(words) && !extension ? [{ kind: 'number', id: words, name: t('talk.outside', { number: words }), presence: null }] : [];
    return [...outside, ...found];
  }, [known, wanted, own, t]);
  const go = (how: 'transfer' | 'consult' | 'conference', row: Row) => onGo(how, { kind: row.kind, to: row.id });
  const columns: Column<Row>[] = [
    { key: 'name', head: t('operator.name'), cell: (row) => <NameOf row={row} /> },
    { key: 'presence', head: t('operator.state'), only: 'wide', cell: (row) => (row.presence ? <Tag tone={TONES[row.presence]}>{t(`talk.presence.${row.presence}`)}</Tag> : null) },
    {
      key: 'acts',
      head: t('do.act'),
      silent: true,
      number: true,
      wraps: true,
      cell: (row) => (
        <Group gap={6} justify="flex-end">
          <Button size="compact-sm" onClick={() => go('transfer', row)}>
            {t('talk.blind')}
          </Button>
          {row.kind === 'queue' ? null : (
            <>
              <Button size="compact-sm" variant="light" onClick={() => go('consult', row)}>
                {t('talk.consult')}
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => go('conference', row)}>
                {t('talk.conference')}
              </Button>
            </>
          )}
        </Group>
      ),
    },
  ];
  return (
    <Modal opened={opened} onClose={onClose} size="xl" title={t('talk.transfer')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <TextInput label={t('talk.to')} placeholder={t('talk.search')} leftSection={<Icon name="search" size={15} />} value={wanted} maxLength={64} onChange={(event) => setWanted(event.currentTarget.value)} data-autofocus />
        <DataTable label={t('talk.to')} columns={columns} rows={rows} id={(row) => `${row.kind}:${row.id}`} mark="target" icon="users" row_px={48} empty={t('operator.none')} count={false} />
      </Stack>
    </Modal>
  );
}

function NameOf({ row }: { row: Row }) {
  return (
    <span className="foreign">
      <b>{row.name}</b> <span className="quiet">{row.kind === 'number' ? '' : row.id}</span>
    </span>
  );
}
