import { Button, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Call } from '../../api/client';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Empty } from '../../widgets/Page';
import { Duration, Moment } from '../../widgets/time';
import { CallLink } from '../calls/Calls';

/** Whether every call that must be recorded is; loud when one is not. */
export function Gaps() {
  const { t } = useTranslation();
  const [open, dialog] = useDisclosure(false);
  const gaps = useQuery({
    queryKey: ['recordings', 'gaps'],
    queryFn: async () => (await ask(api.GET('/api/v1/recordings/gaps'))).items,
    refetchInterval: 15_000,
  });
  const found = gaps.data ?? [];
  const columns: Column<Call>[] = [
    { key: 'started', head: t('call.started'), cell: (call) => <Moment at={call.started_at} /> },
    { key: 'from', head: t('call.from'), cell: (call) => <CallLink call={call} /> },
    { key: 'operator', head: t('call.operator'), cell: (call) => <span className="foreign">{call.operator ?? '–'}</span> },
    { key: 'talked', head: t('call.talked'), number: true, cell: (call) => <Duration seconds={call.talk_s} /> },
  ];
  if (gaps.data === undefined) return null;
  return (
    <>
      <Button
        variant={found.length > 0 ? 'filled' : 'default'}
        color={found.length > 0 ? 'red.8' : undefined}
        size="sm"
        leftSection={<Icon name={found.length > 0 ? 'alert' : 'check'} size={15} />}
        onClick={dialog.open}
        data-gaps={found.length}
      >
        {found.length > 0 ? t('gap.found', { count: found.length }) : t('gap.title')}
      </Button>
      <Modal opened={open} onClose={dialog.close} size="xl" title={t('gap.title')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Text className="quiet" size="sm" mb="sm">
          {t('gap.hint')}
        </Text>
        {found.length === 0 ? (
          <Empty icon="check">{t('gap.none')}</Empty>
        ) : (
          <DataTable label={t('gap.title')} columns={columns} rows={found} id={(call) => call.id} mark="gap" empty={t('gap.none')} />
        )}
      </Modal>
    </>
  );
}
