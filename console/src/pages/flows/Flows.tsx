import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import classes from './Flows.module.css';
import type { Problem } from './problems';

export interface FlowEntry {
  id: string;
  version: string | null;
  description?: string;
  published_at: string | null;
  published_by: string | null;
  nodes: number;
  problems: Problem[];
}

export function useFlows() {
  return useQuery({
    queryKey: ['flows'],
    queryFn: async () => (await ask(api.GET('/api/v1/flows'))).items as unknown as FlowEntry[],
    refetchInterval: 5_000,
  });
}

/** Every call flow with its live version; edits that were refused are told here. */
export default function Flows() {
  const { t } = useTranslation();
  const flows = useFlows();
  if (flows.isPending) return <Loading />;
  if (flows.isLoadingError) return <Failure error={flows.error} retry={() => void flows.refetch()} />;
  return (
    <Page title={t('nav.flows')}>
      {flows.data.length === 0 ? <Empty icon="flow">{t('flow.none')}</Empty> : null}
      <ul className={classes.cards}>
        {flows.data.map((flow) => (
          <li key={flow.id} className={`card ${classes.card}`} data-flow={flow.id}>
            <Link href={`/flows/${flow.id}`} className={classes.name}>
              <Icon name="flow" /> <span className="foreign">{flow.id}</span>
            </Link>
            <p className={`${classes.description} foreign`}>{flow.description ?? ''}</p>
            <div className={classes.meta}>
              <span>{t('flow.nodes', { nodes: flow.nodes })}</span>
              {flow.version ? <span className="mono">{flow.version.slice(0, 8)}</span> : null}
              <span className="foreign">
                <Moment at={flow.published_at} /> {flow.published_by ?? ''}
              </span>
            </div>
            {flow.problems.length > 0 ? (
              <Tag tone="bad">
                <Icon name="alert" size={14} /> {t('flow.refused', { count: flow.problems.length })}
              </Tag>
            ) : null}
          </li>
        ))}
      </ul>
    </Page>
  );
}
