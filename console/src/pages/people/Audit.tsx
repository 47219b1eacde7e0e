import { Button, Table } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';

/** Who did what, newest first, and whether the chain of the log is whole. */
export default function Audit() {
  const { t } = useTranslation();
  const { client } = useMe();
  const acts = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/audit', { params: { query: { limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const chain = useQuery({
    queryKey: ['audit-chain'],
    queryFn: () => ask(api.GET('/api/v1/audit/check')),
    enabled: client === null,
  });
  if (acts.isPending) return <Loading />;
  if (acts.isError) return <Failure error={acts.error} retry={() => void acts.refetch()} />;
  return (
    <Page
      title={t('nav.audit')}
      actions={
        chain.data ? (
          <Tag tone={chain.data.whole ? 'good' : 'bad'}>
            <Icon name="shield" size={15} />{' '}
            {chain.data.whole ? t('audit.whole') : t('audit.broken', { seq: chain.data.first_broken ?? 0 })}
          </Tag>
        ) : null
      }
    >
      <div className="card scroll-x" tabIndex={0} role="region" aria-label={t('nav.audit')}>
        <Table verticalSpacing={7} horizontalSpacing="md" fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('audit.at')}</Table.Th>
              <Table.Th>{t('audit.who')}</Table.Th>
              <Table.Th>{t('audit.act')}</Table.Th>
              <Table.Th>{t('audit.target')}</Table.Th>
              <Table.Th>{t('audit.status')}</Table.Th>
              <Table.Th>{t('audit.address')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {acts.data.pages
              .flatMap((page) => page.items)
              .map((act) => (
                <Table.Tr key={act.seq}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <Moment at={act.at} />
                  </Table.Td>
                  <Table.Td className="foreign">
                    {act.who} <span className="quiet">{act.role}</span>
                  </Table.Td>
                  <Table.Td className="mono">{act.action}</Table.Td>
                  <Table.Td className="foreign">{act.target}</Table.Td>
                  <Table.Td>
                    <Tag tone={act.status < 400 ? 'good' : 'bad'}>{act.status}</Tag>
                  </Table.Td>
                  <Table.Td className="mono">{act.address}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </div>
      {acts.hasNextPage ? (
        <Button variant="default" loading={acts.isFetchingNextPage} onClick={() => void acts.fetchNextPage()}>
          {t('do.more')}
        </Button>
      ) : null}
    </Page>
  );
}
