import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator, OperatorState } from '../../api/client';
import { useOperators } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { StatePill } from '../../widgets/StatePill';
import { duration, useSecond } from '../../widgets/time';
import { reasonWord } from '../desk/reasons';
import { NewOperator } from './NewOperator';
import { OperatorMenu } from './OperatorMenu';
import classes from './Operators.module.css';
import { Skills } from './Skills';
import { TellDialog } from './TellDialog';
import { Watches } from './Watches';

/** Made once: `localeCompare` with options makes one for each comparison, which ten thousand operators feel. */
const BY_NUMBER = new Intl.Collator(undefined, { numeric: true });

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
      .sort((a, b) => BY_NUMBER.compare(a.extension, b.extension));
  }, [all, group, text]);
  if (all === undefined) {
    return operators.isError ? <Failure error={operators.error} retry={() => void operators.refetch()} /> : <Loading />;
  }
  const count = (name: Group) => all.filter((one) => GROUPS[name](one.state)).length;
  return (
    <Page title={t('nav.operators')} actions={
        <>
          {leads(role) ? <TellAll /> : null}
          {role === 'admin' ? <NewOperator /> : null}
        </>
      }>
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
      {leads(role) ? <Watches operators={all} /> : null}
      <Rows operators={shown} acts={leads(role)} />
    </Page>
  );
}

/** A word to everybody who is signed in. */
function TellAll() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" variant="default" leftSection={<Icon name="message" size={15} />} onClick={() => setOpen(true)}>
        {t('notice.tellAll')}
      </Button>
      {open ? <TellDialog operator={null} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Rows({ operators, acts }: { operators: Operator[]; acts: boolean }) {
  const { t } = useTranslation();
  const columns: Column<Operator>[] = [
    { key: 'name', head: t('operator.name'), wraps: true, cell: (one) => <Name operator={one} /> },
    { key: 'state', head: t('operator.state'), cell: (one) => <State operator={one} /> },
    { key: 'skills', head: t('operator.skills'), only: 'wide', wraps: true, width: 34, cell: (one) => <Skills skills={one.skills} /> },
    { key: 'clock', head: t('operator.clock'), only: 'wide', cell: (one) => <Clock operator={one} /> },
  ];
  if (acts) columns.push({ key: 'acts', head: t('do.act'), silent: true, number: true, cell: (one) => <OperatorMenu operator={one} /> });
  return (
    <DataTable
      label={t('nav.operators')}
      columns={columns}
      rows={operators}
      id={(one) => one.extension}
      mark="operator"
      icon="headset"
      row_px={54}
      empty={t('operator.none')}
    />
  );
}

function Name({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  return (
    <>
      <span className={classes.name} data-disabled={!operator.enabled || undefined}>
        {operator.name}
      </span>
      <span className={classes.extension}>
        {operator.extension}
        {operator.enabled ? '' : ` · ${t('operator.disabled')}`}
      </span>
    </>
  );
}

function State({ operator }: { operator: Operator }) {
  const paused = operator.state === 'paused' && operator.reason;
  return (
    <>
      <StatePill operator={operator} />
      {paused ? <PauseReason operator={operator} /> : null}
    </>
  );
}

/** Why, and by how much it is longer than planned. */
function PauseReason({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const now = useSecond();
  const over = operator.pause_until === null ? 0 : now - Math.floor(Date.parse(operator.pause_until) / 1000);
  return (
    <span className={`${classes.reason} figures`} data-over={over > 0 || undefined}>
      {reasonWord(t, operator.reason)}
      {over > 0 ? ` · ${t('own.over', { over: duration(over) })}` : ''}
    </span>
  );
}

function Clock({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="quiet">{operator.clocked_in ? t('operator.clockedIn') : t('operator.clockedOut')}</span>
      {operator.reachable ? null : <span className={classes.reason}>{t('operator.noPhone')}</span>}
    </>
  );
}
