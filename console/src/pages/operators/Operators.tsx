import { SegmentedControl, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator, OperatorState } from '../../api/client';
import { useOperators } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { StatePill } from '../../widgets/StatePill';
import { reasonWord } from '../desk/reasons';
import { NewOperator } from './NewOperator';
import { OperatorMenu } from './OperatorMenu';
import classes from './Operators.module.css';
import { Skills } from './Skills';

const ROW = 52;
const GROUPS = {
  all: () => true,
  in: (state: OperatorState) => state !== 'signed_out',
  free: (state: OperatorState) => state === 'available',
  call: (state: OperatorState) => ['reserved', 'ringing', 'talking', 'on_hold'].includes(state),
  away: (state: OperatorState) => ['paused', 'wrap_up', 'unreachable'].includes(state),
} as const satisfies Record<string, (state: OperatorState) => boolean>;
type Group = keyof typeof GROUPS;

/** Everybody, sorted by extension: a grid of work, not a ranking. */
export default function Operators() {
  const { t } = useTranslation();
  const { role } = useMe();
  const operators = useOperators();
  const [group, setGroup] = useState<Group>('all');
  const [text, setText] = useState('');
  const all = operators.data;
  const shown = useMemo(() => {
    const wanted = text.trim().toLocaleLowerCase();
    return (all ?? [])
      .filter((one) => GROUPS[group](one.state))
      .filter((one) => !wanted || `${one.extension} ${one.name} ${Object.keys(one.skills).join(' ')}`.toLocaleLowerCase().includes(wanted))
      .sort((a, b) => a.extension.localeCompare(b.extension, undefined, { numeric: true }));
  }, [all, group, text]);
  if (all === undefined) {
    return operators.isError ? <Failure error={operators.error} retry={() => void operators.refetch()} /> : <Loading />;
  }
  const count = (name: Group) => all.filter((one) => GROUPS[name](one.state)).length;
  return (
    <Page title={t('nav.operators')} actions={role === 'admin' ? <NewOperator /> : null}>
      <div className={classes.tools}>
        <div className="scroll-x">
          <SegmentedControl
            withItemsBorders={false}
            size="sm"
            value={group}
            onChange={(value) => setGroup(value as Group)}
            data={(Object.keys(GROUPS) as Group[]).map((value) => ({ value, label: `${t(`operator.group.${value}`)} ${count(value)}` }))}
          />
        </div>
        <TextInput
          aria-label={t('operator.search')}
          placeholder={t('operator.search')}
          leftSection={<Icon name="search" size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <Rows operators={shown} acts={leads(role)} />
    </Page>
  );
}

function Rows({ operators, acts }: { operators: Operator[]; acts: boolean }) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement | null>(null);
  const rows = useVirtualizer({
    count: operators.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = rows.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={`card ${classes.scroller}`} tabIndex={0} role="region" aria-label={t('nav.operators')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('operator.name')}</th>
            <th scope="col">{t('operator.state')}</th>
            <th scope="col" className={classes.wide}>{t('operator.skills')}</th>
            <th scope="col" className={classes.wide}>{t('operator.clock')}</th>
            <th scope="col">
              <span className={classes.hidden}>{t('do.act')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 ? <tr style={{ height: above }} aria-hidden="true" /> : null}
          {items.map((item) => {
            const operator = operators[item.index];
            return operator === undefined ? null : <Row key={operator.extension} operator={operator} acts={acts} />;
          })}
          {below > 0 ? <tr style={{ height: below }} aria-hidden="true" /> : null}
        </tbody>
      </table>
      {operators.length === 0 ? <Empty icon="headset">{t('operator.none')}</Empty> : null}
    </div>
  );
}

function Row({ operator, acts }: { operator: Operator; acts: boolean }) {
  const { t } = useTranslation();
  return (
    <tr data-operator={operator.extension} data-disabled={!operator.enabled || undefined}>
      <td>
        <span className={classes.name}>{operator.name}</span>
        <span className={classes.extension}>
          {operator.extension}
          {operator.enabled ? '' : ` · ${t('operator.disabled')}`}
        </span>
      </td>
      <td>
        <StatePill operator={operator} />
        {operator.state === 'paused' && operator.reason ? (
          <span className={classes.reason}>{reasonWord(t, operator.reason)}</span>
        ) : null}
      </td>
      <td className={classes.wide}>
        <Skills skills={operator.skills} />
      </td>
      <td className={classes.wide}>
        <span className="quiet">{operator.clocked_in ? t('operator.clockedIn') : t('operator.clockedOut')}</span>
        {operator.reachable ? null : <span className={classes.reason}>{t('operator.noPhone')}</span>}
      </td>
      <td className={classes.acts}>{acts ? <OperatorMenu operator={operator} /> : null}</td>
    </tr>
  );
}
