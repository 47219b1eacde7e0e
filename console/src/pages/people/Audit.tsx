import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';

type Act = Schemas['AuditOut'];

/** Who did what, newest first, and whether the chain of the log is whole. */
export default function Audit() {
  const { t } = useTranslation();
  const { client } = useMe();
  const acts = usePaged<Act>(['audit'], (cursor) => ask(api.GET('/api/v1/audit', { params: { query: { limit: 100, cursor } } })));
  const chain = useQuery({
    queryKey: ['audit-chain'],
    queryFn: () => ask(api.GET('/api/v1/audit/check')),
    enabled: client === null,
  });
  const columns: Column<Act>[] = [
    { key: 'at', head: t('audit.at'), cell: (act) => <Moment at={act.at} /> },
    { key: 'who', head: t('audit.who'), cell: (act) => <Who act={act} /> },
    { key: 'act', head: t('audit.act'), cell: (act) => <span className="mono">{act.action}</span> },
    { key: 'target', head: t('audit.target'), only: 'wide', cell: (act) => <span className="foreign" title={act.target}>{act.target}</span> },
    { key: 'status', head: t('audit.status'), cell: (act) => <Tag tone={act.status < 400 ? 'good' : 'bad'}>{act.status}</Tag> },
    { key: 'address', head: t('audit.address'), only: 'wide', cell: (act) => <span className="mono">{act.address}</span> },
  ];
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
      <PagedTable list={acts} label={t('nav.audit')} columns={columns} id={(act) => String(act.seq)} mark="act" icon="shield" empty={t('list.none')} />
    </Page>
  );
}

function Who({ act }: { act: Act }) {
  return (
    <span className="foreign">
      {act.who} <span className="quiet">{act.role}</span>
    </span>
  );
}
