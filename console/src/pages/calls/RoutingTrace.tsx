import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Call, Fact } from '../../api/client';
import { useRouting } from '../../api/queries';
import { Empty, Failure, Loading } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { duration, Moment } from '../../widgets/time';
import { Skills } from '../operators/Skills';
import { needsInWords, type Explanation } from './explain';
import classes from './Routing.module.css';
import { Reasons, WhyWaiting } from './WhyWaiting';

/** Each decision with its candidates, each offer with its outcome; for a waiting call, why it waits. */
export function RoutingTrace({ call }: { call: Call }) {
  const { t } = useTranslation();
  const routing = useRouting(call.id, true);
  if (routing.isPending) return <Loading />;
  if (routing.isLoadingError) return <Failure error={routing.error} retry={() => void routing.refetch()} />;
  const { waiting, decisions, offers } = routing.data;
  const decided = (decisions as unknown as Fact[]).filter((fact) => fact.fact === 'RoutingDecided');
  if (waiting === null && decided.length === 0 && offers.length === 0) {
    return (
      <section className="card">
        <Empty icon="branch">{t('call.noRouting')}</Empty>
      </section>
    );
  }
  return (
    <div className={classes.stack}>
      {waiting === null ? null : (
        <section className={`card ${classes.block}`}>
          <Text size="sm" fw={600} mb={6} component="h2">
            {t('why.title')}
          </Text>
          <WhyWaiting why={waiting as unknown as Explanation} />
        </section>
      )}
      {decided.map((fact) => (
        <Decision key={fact.seq} fact={fact} />
      ))}
      {offers.length === 0 ? null : <Offers facts={offers as unknown as Fact[]} />}
    </div>
  );
}

function Decision({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const why = fact.explanation as Explanation;
  return (
    <section className={`card ${classes.block}`} data-decision={why.chosen ?? ''}>
      <div className={classes.head}>
        <Text component="h2" fw={600} className="foreign">
          {why.chosen === null ? t('why.noOne') : t('why.chosen', { operator: why.chosen })}
        </Text>
        <Text size="sm" className="quiet">
          <Moment at={fact.at} /> · {t('why.waited', { waited: duration(why.waited_s) })}
        </Text>
      </div>
      <Text size="sm" className="quiet foreign" mb="sm">
        {t('why.needs', { needs: needsInWords(t, why.needs), step: why.step })}
      </Text>
      {why.candidates.length === 0 ? null : <Candidates why={why} />}
      <Reasons why={why} />
    </section>
  );
}

function Candidates({ why }: { why: Explanation }) {
  const { t } = useTranslation();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t('why.candidates')}>
      <Table mb="sm" withRowBorders={false} striped="even" className={classes.candidates}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('why.candidate')}</Table.Th>
            <Table.Th ta="right">{t('why.score')}</Table.Th>
            <Table.Th ta="right">{t('why.idleFor')}</Table.Th>
            <Table.Th>{t('operator.skills')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {why.candidates.map((candidate) => (
            <Table.Tr key={candidate.operator} fw={candidate.operator === why.chosen ? 650 : undefined}>
              <Table.Td>{candidate.operator}</Table.Td>
              <Table.Td ta="right">{candidate.score.toFixed(2)}</Table.Td>
              <Table.Td ta="right">{duration(candidate.idle_s)}</Table.Td>
              <Table.Td>
                <Skills skills={candidate.skills} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Offers({ facts }: { facts: Fact[] }) {
  const { t } = useTranslation();
  const ends = new Map(facts.filter((fact) => fact.fact === 'OfferEnded').map((fact) => [String(fact.offer), fact]));
  return (
    <section className={`card ${classes.block}`}>
      <Text size="sm" fw={600} mb={6} component="h2">
        {t('why.offers')}
      </Text>
      <ol className={classes.offers}>
        {facts
          .filter((fact) => fact.fact === 'OfferMade')
          .map((fact) => {
            const end = ends.get(String(fact.offer));
            const outcome = end === undefined ? null : String(end.outcome);
            return (
              <li key={fact.seq}>
                <Moment at={fact.at} precise /> <strong>{String(fact.operator)}</strong>{' '}
                {outcome === null ? (
                  <Tag tone="ring">{t('state.ringing')}</Tag>
                ) : (
                  <Tag tone={outcome === 'answered' ? 'good' : 'bad'}>
                    {t(`outcome.${outcome as 'answered'}`, { defaultValue: outcome })}
                  </Tag>
                )}{' '}
                {typeof end?.ring_s === 'number' ? (
                  <span className="quiet">{t('why.rang', { seconds: end.ring_s.toFixed(1) })}</span>
                ) : null}
              </li>
            );
          })}
      </ol>
    </section>
  );
}
