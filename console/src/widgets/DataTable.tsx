import { Group, Loader, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Paged } from '../api/paged';
import classes from './DataTable.module.css';
import type { IconName } from './icons';
import { Empty, Failure, Loading } from './Page';

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** Left out on narrower screens. */
  only?: 'wide' | 'widest';
  number?: boolean;
  /** A head that only screen readers need. */
  silent?: boolean;
  /** Takes several lines rather than being cut off. */
  wraps?: boolean;
  /** Share of the table's width, in per cent. */
  width?: number;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  /** Each row carries `data-<mark>` with its id. */
  mark: string;
  empty: string;
  icon?: IconName;
  row_px?: number;
  more?: Pick<Paged<T>, 'hasMore' | 'fetching' | 'fetchMore'>;
  faded?: (row: T) => boolean;
  selected?: string | null;
  count?: boolean;
}

/** A table of any length: only the rows in sight exist, further pages come as one scrolls. */
export function DataTable<T>({ label, columns, rows, id, mark, empty, icon = 'list', row_px = 44, more, faded, selected, count = true }: Props<T>) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => row_px, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const wanted = more !== undefined && more.hasMore && !more.fetching && last >= rows.length - 30;
  useEffect(() => {
    if (wanted) more.fetchMore();
  }, [wanted, last]);
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section className="card" aria-label={label}>
      <div ref={scroller} className={classes.scroller} tabIndex={0} role="region" aria-label={label}>
        <table className={classes.table} aria-rowcount={more?.hasMore ? -1 : rows.length}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.key} scope="col" className={classOf(column)} style={column.width ? { width: `${column.width}%` } : undefined}>
                  {column.silent ? <span className={classes.silent}>{column.head}</span> : column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 ? <tr style={{ height: above }} aria-hidden="true" /> : null}
            {items.map(({ index }) => {
              const row = rows[index];
              if (row === undefined) return null;
              const ident = id(row);
              return (
                <tr key={ident} style={{ height: row_px }} data-faded={faded?.(row) || undefined} data-selected={selected === ident || undefined} {...{ [`data-${mark}`]: ident }}>
                  {columns.map((column) => (
                    <td key={column.key} className={classOf(column)} data-wraps={column.wraps || undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {below > 0 ? <tr style={{ height: below }} aria-hidden="true" /> : null}
          </tbody>
        </table>
        {rows.length === 0 ? <Empty icon={icon}>{empty}</Empty> : null}
      </div>
      {count && rows.length > 0 ? (
        <Group justify="space-between" className={classes.foot} gap="xs">
          <Text size="sm" className="quiet figures">
            {more?.hasMore ? t('list.countMore', { shown: rows.length }) : t('list.count', { shown: rows.length })}
          </Text>
          {more?.fetching ? <Loader size="xs" type="dots" /> : null}
        </Group>
      ) : null}
    </section>
  );
}

function classOf<T>(column: Column<T>): string {
  return [column.only ? classes[column.only] : '', column.number ? classes.number : ''].join(' ').trim();
}

/** The table of a list by pages, or what it says instead. */
export function PagedTable<T>({ list, ...table }: { list: Paged<T> } & Omit<Props<T>, 'rows' | 'more'>) {
  if (list.isPending) return <Loading />;
  if (list.error && list.rows.length === 0) return <Failure error={list.error} retry={list.retry} />;
  return <DataTable {...table} rows={list.rows} more={list} />;
}
